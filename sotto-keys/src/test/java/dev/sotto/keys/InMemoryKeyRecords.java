package dev.sotto.keys;

import dev.sotto.core.TenantId;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;

/// Key records that live as long as the test. Thread-safe; can refuse.
public final class InMemoryKeyRecords implements KeyRecords {
    private final List<KeyRecord> keys = new ArrayList<>();
    private final List<ErasableKey> erasable = new ArrayList<>();
    private final Map<ErasableSlot, Integer> destroyed = new HashMap<>();
    private final Map<ErasableSlot, Instant> destroyedAt = new HashMap<>();
    private final Map<KeySlot, KeyFloor> floors = new HashMap<>();
    private final Map<TenantId, Long> changes = new HashMap<>();
    private final Map<TenantId, Map<UUID, KeyUse>> uses = new HashMap<>();
    private final Map<UUID, Destruction> destructions = new LinkedHashMap<>();
    private long epoch = 1;
    private RuntimeException failure;

    /// Makes every call fail with `failure` until [#comeBack()].
    public synchronized void goDown(RuntimeException why) {
        failure = why;
    }

    public synchronized void comeBack() {
        failure = null;
    }

    /// Puts the key state back, as an attacker with the database could.
    public synchronized void tamperEpoch(long number) {
        epoch = number;
    }

    /// Forgets every version of the slot above, as an attacker with the database could, and its floor with it.
    public synchronized void rollBack(KeySlot slot, int version) {
        keys.removeIf(key -> key.slot().equals(slot) && key.version() > version);
        floors.put(slot, new KeyFloor(version, 1));
    }

    /// All wrapped record keys, as a backup of their table would have them.
    public synchronized List<ErasableKey> erasable() {
        return List.copyOf(erasable);
    }

    /// Replaces the row of the same id, as an attacker with the database could.
    public synchronized void tamper(KeyRecord row) {
        keys.removeIf(key -> key.id().equals(row.id()));
        keys.add(row);
    }

    /// Replaces the row of the same id, as an attacker with the database could.
    public synchronized void tamper(ErasableKey row) {
        erasable.removeIf(key -> key.id().equals(row.id()));
        erasable.add(row);
    }

    @Override
    public synchronized List<TenantId> tenants() {
        answer();
        return keys.stream().map(key -> key.slot().tenant()).distinct().toList();
    }

    @Override
    public synchronized KeyRecord insert(KeyRecord candidate) {
        answer();
        var taken = keys.stream()
                .filter(key -> key.slot().equals(candidate.slot()) && key.version() == candidate.version())
                .findFirst();
        if (taken.isPresent()) {
            return taken.get();
        }
        keys.add(candidate);
        floors.merge(
                candidate.slot(),
                new KeyFloor(candidate.version(), 1),
                (old, now) -> new KeyFloor(Math.max(old.sealsFrom(), now.sealsFrom()), old.opensFrom()));
        return candidate;
    }

    @Override
    public synchronized KeyRecord succeed(KeyRecord candidate) {
        var stands = insert(candidate);
        if (stands.id().equals(candidate.id())) {
            keys.replaceAll(key -> key.slot().equals(candidate.slot())
                            && key.version() < candidate.version()
                            && key.state() == KeyState.ACTIVE
                    ? with(key, KeyState.DEACTIVATED, key.wrapped())
                    : key);
            bump(candidate.slot().tenant());
        }
        return stands;
    }

    @Override
    public synchronized KeyFloor floor(KeySlot slot) {
        answer();
        return floors.getOrDefault(slot, KeyFloor.NONE);
    }

    @Override
    public synchronized void raiseFloor(KeySlot slot, int opensFrom) {
        answer();
        floors.merge(
                slot,
                new KeyFloor(0, opensFrom),
                (old, now) -> new KeyFloor(old.sealsFrom(), Math.max(old.opensFrom(), now.opensFrom())));
        bump(slot.tenant());
    }

    @Override
    public synchronized boolean changeState(KeyRecord row, KeyState to) {
        answer();
        boolean there = keys.stream().anyMatch(key -> key.id().equals(row.id()) && key.state() == row.state());
        if (there) {
            keys.replaceAll(key -> key.id().equals(row.id()) ? with(key, to, key.wrapped()) : key);
            bump(row.slot().tenant());
        }
        return there;
    }

    @Override
    public synchronized boolean destroy(KeyRecord row) {
        answer();
        boolean there = keys.stream().anyMatch(key -> key.id().equals(row.id()));
        if (there) {
            var none = WrappedKey.of(row.wrapped().kek(), new byte[1]);
            keys.replaceAll(key -> key.id().equals(row.id()) ? with(key, KeyState.DESTROYED, none) : key);
            bump(row.slot().tenant());
        }
        return there;
    }

    @Override
    public synchronized boolean rewrap(KeyRecord row, WrappedKey to) {
        answer();
        boolean there = keys.stream()
                .anyMatch(key -> key.id().equals(row.id()) && key.wrapped().equals(row.wrapped()));
        if (there) {
            keys.replaceAll(key -> key.id().equals(row.id()) ? with(key, key.state(), to) : key);
        }
        return there;
    }

    private static KeyRecord with(KeyRecord key, KeyState state, WrappedKey wrapped) {
        return new KeyRecord(key.id(), key.slot(), key.version(), state, key.algorithm(), wrapped, key.createdAt());
    }

    private void bump(TenantId tenant) {
        epoch++;
        changes.put(tenant, epoch);
    }

    @Override
    public synchronized Optional<KeyRecord> latest(KeySlot slot) {
        answer();
        return keys.stream().filter(key -> key.slot().equals(slot)).max(Comparator.comparingInt(KeyRecord::version));
    }

    @Override
    public synchronized Optional<KeyRecord> find(TenantId tenant, UUID id) {
        answer();
        return keys.stream()
                .filter(key -> key.slot().tenant().equals(tenant) && key.id().equals(id))
                .findFirst();
    }

    @Override
    public synchronized List<KeyRecord> list(TenantId tenant) {
        answer();
        return keys.stream().filter(key -> key.slot().tenant().equals(tenant)).toList();
    }

    @Override
    public synchronized Insertion insert(ErasableKey candidate) {
        answer();
        var taken = erasable.stream()
                .filter(key -> key.slot().equals(candidate.slot()) && key.version() == candidate.version())
                .findFirst();
        if (taken.isPresent()) {
            return new Insertion.Stands(taken.get());
        }
        if (destroyed.getOrDefault(candidate.slot(), 0) >= candidate.version()) {
            return new Insertion.Destroyed();
        }
        erasable.add(candidate);
        return new Insertion.Stands(candidate);
    }

    @Override
    public synchronized Optional<ErasableKey> latest(ErasableSlot slot) {
        answer();
        return erasable.stream()
                .filter(key -> key.slot().equals(slot))
                .max(Comparator.comparingInt(ErasableKey::version));
    }

    @Override
    public synchronized Optional<ErasableKey> findErasable(TenantId tenant, UUID id) {
        answer();
        return erasable.stream()
                .filter(key -> key.slot().tenant().equals(tenant) && key.id().equals(id))
                .findFirst();
    }

    @Override
    public synchronized List<UUID> destroy(ErasableSlot slot, int throughVersion, Instant at) {
        answer();
        var gone = erasable.stream()
                .filter(key -> key.slot().equals(slot) && key.version() <= throughVersion)
                .toList();
        erasable.removeAll(gone);
        if (destroyed.getOrDefault(slot, -1) < throughVersion) {
            destroyed.put(slot, throughVersion);
            destroyedAt.put(slot, at);
        }
        bump(slot.tenant());
        return gone.stream().map(ErasableKey::id).toList();
    }

    @Override
    public synchronized int destroyedThrough(ErasableSlot slot) {
        answer();
        return destroyed.getOrDefault(slot, 0);
    }

    @Override
    public synchronized List<DestroyedMark> destroyedMarks(TenantId tenant, Optional<ErasableSlot> after, int limit) {
        answer();
        var order = Comparator.comparing((ErasableSlot slot) -> slot.dataClass().code())
                .thenComparing(ErasableSlot::owner)
                .thenComparing(slot -> slot.tier().code());
        return destroyed.keySet().stream()
                .filter(slot ->
                        slot.tenant().equals(tenant) && (after.isEmpty() || order.compare(slot, after.get()) > 0))
                .sorted(order)
                .limit(limit)
                .map(slot -> new DestroyedMark(slot, destroyed.get(slot), destroyedAt.get(slot)))
                .toList();
    }

    @Override
    public synchronized Map<KeyUri, Long> countErasable(TenantId tenant) {
        answer();
        var counts = new HashMap<KeyUri, Long>();
        erasable.stream()
                .filter(key -> key.slot().tenant().equals(tenant))
                .forEach(key -> counts.merge(key.wrapped().kek(), 1L, Long::sum));
        return counts;
    }

    @Override
    public synchronized List<ErasableKey> erasableUnder(TenantId tenant, KeyUri kek, Optional<UUID> after, int limit) {
        answer();
        return erasable.stream()
                .filter(key -> key.slot().tenant().equals(tenant)
                        && key.wrapped().kek().equals(kek)
                        && (after.isEmpty() || unsigned(key.id(), after.get()) > 0))
                .sorted((a, b) -> unsigned(a.id(), b.id()))
                .limit(limit)
                .toList();
    }

    /// As PostgreSQL orders them.
    private static int unsigned(UUID a, UUID b) {
        int high = Long.compareUnsigned(a.getMostSignificantBits(), b.getMostSignificantBits());
        return high != 0 ? high : Long.compareUnsigned(a.getLeastSignificantBits(), b.getLeastSignificantBits());
    }

    @Override
    public synchronized int rewrap(TenantId tenant, List<Rewrap> rewraps) {
        answer();
        int done = 0;
        var byId = new HashMap<UUID, Rewrap>();
        rewraps.forEach(each -> byId.put(each.id(), each));
        for (int i = 0; i < erasable.size(); i++) {
            var key = erasable.get(i);
            var to = byId.get(key.id());
            if (to != null
                    && key.slot().tenant().equals(tenant)
                    && key.wrapped().equals(to.from())) {
                erasable.set(
                        i,
                        new ErasableKey(
                                key.id(), key.slot(), key.version(), key.algorithm(), to.to(), key.createdAt()));
                done++;
            }
        }
        return done;
    }

    @Override
    public synchronized long stateEpoch() {
        answer();
        return epoch;
    }

    @Override
    public synchronized List<TenantId> changedSince(long since) {
        answer();
        return changes.entrySet().stream()
                .filter(each -> each.getValue() > since)
                .map(Map.Entry::getKey)
                .toList();
    }

    @Override
    public synchronized void addUse(TenantId tenant, Map<UUID, KeyUse> used, Instant at) {
        answer();
        var ofTenant = uses.computeIfAbsent(tenant, _ -> new HashMap<>());
        used.forEach((key, use) -> ofTenant.merge(key, use, KeyUse::plus));
    }

    @Override
    public synchronized Map<UUID, KeyUse> uses(TenantId tenant) {
        answer();
        return Map.copyOf(uses.getOrDefault(tenant, Map.of()));
    }

    @Override
    public synchronized void request(DestructionRequest request) {
        answer();
        destructions.putIfAbsent(request.id(), new Destruction(request, Optional.empty()));
    }

    @Override
    public synchronized Optional<Destruction> destruction(TenantId tenant, UUID id) {
        answer();
        return Optional.ofNullable(destructions.get(id))
                .filter(each -> each.request().tenant().equals(tenant));
    }

    @Override
    public synchronized List<Destruction> destructions(TenantId tenant) {
        answer();
        return destructions.values().stream()
                .filter(each -> each.request().tenant().equals(tenant))
                .toList();
    }

    @Override
    public synchronized boolean certify(TenantId tenant, UUID id, String certificate) {
        var found = destruction(tenant, id).filter(each -> each.certificate().isEmpty());
        found.ifPresent(each -> destructions.put(id, new Destruction(each.request(), Optional.of(certificate))));
        return found.isPresent();
    }

    private void answer() {
        if (failure != null) {
            throw failure;
        }
    }
}
