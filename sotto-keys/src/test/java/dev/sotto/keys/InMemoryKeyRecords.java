package dev.sotto.keys;

import dev.sotto.core.TenantId;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;

/// Key records that live as long as the test. Thread-safe; can refuse.
public final class InMemoryKeyRecords implements KeyRecords {
    private final List<KeyRecord> keys = new ArrayList<>();
    private final List<ErasableKey> erasable = new ArrayList<>();
    private final Map<ErasableSlot, Integer> destroyed = new HashMap<>();
    private RuntimeException failure;

    /// Makes every call fail with `failure` until [#comeBack()].
    public synchronized void goDown(RuntimeException why) {
        failure = why;
    }

    public synchronized void comeBack() {
        failure = null;
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
        return candidate;
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
        destroyed.merge(slot, throughVersion, Math::max);
        return gone.stream().map(ErasableKey::id).toList();
    }

    @Override
    public synchronized int destroyedThrough(ErasableSlot slot) {
        answer();
        return destroyed.getOrDefault(slot, 0);
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

    private void answer() {
        if (failure != null) {
            throw failure;
        }
    }
}
