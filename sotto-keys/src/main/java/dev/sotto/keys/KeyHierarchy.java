package dev.sotto.keys;

import dev.sotto.core.IntegrityException;
import dev.sotto.core.NotFoundException;
import dev.sotto.core.TenantId;
import dev.sotto.core.UnavailableException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;

/// Tenant, class and purpose keys: finds, makes, follows up and unwraps them. Thread-safe; may block.
///
/// Locks are taken in one order: record key, then class or purpose key, then tenant key; never two of a kind.
final class KeyHierarchy implements AutoCloseable {
    static final String CIPHER = "cobblestone-256";
    static final String MAC = "hmac-sha-256";
    static final String ROW_SCHEME = "key";
    private static final int MAX_REMEMBERED = 65_536;

    private final KeyParts parts;
    private final KeyCache<KeySlot> cache;
    private final Stripes tenantLocks;
    private final Stripes childLocks;
    private final Set<UUID> announced = Collections.newSetFromMap(new Remembered());

    /// The ids of keys whose unwrapping by this process was audited; the oldest is forgotten, and audited anew.
    private static final class Remembered extends LinkedHashMap<UUID, Boolean> {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<UUID, Boolean> eldest) {
            return size() > MAX_REMEMBERED;
        }
    }

    KeyHierarchy(KeyParts parts, KeyCache<KeySlot> cache) {
        this.parts = parts;
        this.cache = cache;
        this.tenantLocks = new Stripes(parts.patience());
        this.childLocks = new Stripes(parts.patience());
    }

    /// Makes the tenant key of the tier unless there is one, whatever its state.
    void createTenant(TenantId tenant, KeyTier tier) {
        var slot = KeySlot.tenant(tenant, tier);
        try (var _ = lock(slot)) {
            if (newest(slot).isEmpty()) {
                create(slot, parts.kms().newest(parts.roots().of(tier))).close();
            }
        }
    }

    /// The key that protects new things in this slot. Class and purpose keys are made at first use.
    ///
    /// @throws NotFoundException if the tenant has no key
    /// @throws UnavailableException if the newest version may not seal
    /// @throws IntegrityException if the newest version is older than one that was there before
    HeldKey<KeySlot> sealing(KeySlot slot) {
        parts.states().requireReadable();
        var cached = cache.useCurrent(slot);
        if (cached.isPresent()) {
            return cached.get();
        }
        try (var _ = lock(slot)) {
            var meanwhile = cache.useCurrent(slot);
            if (meanwhile.isPresent()) {
                return meanwhile.get();
            }
            long ticket = cache.ticket();
            var row = newest(slot);
            if (row.isEmpty()) {
                if (slot.level() == KeyLevel.TENANT) {
                    throw absent();
                }
                return create(slot, parts.roots().primary());
            }
            if (!row.get().state().seals()) {
                throw new UnavailableException(
                        KeysError.KEY_NOT_ACTIVE,
                        "%s key version (%d) is not active"
                                .formatted(slot.level().code(), row.get().version()));
            }
            return cache.keep(unwrap(row.get()), true, ticket);
        }
    }

    /// The key that protects new things in this slot, if it is held unwrapped. Asks nobody.
    Optional<HeldKey<KeySlot>> held(KeySlot slot) {
        parts.states().requireReadable();
        return cache.useCurrent(slot);
    }

    /// The key at `address`, if it may open what it protects and is of `level` and `tier`.
    ///
    /// @throws IntegrityException if it is not there, of another level or state, or does not unwrap
    /// @throws UnavailableException if it was revoked
    HeldKey<KeySlot> opening(TenantId tenant, KeyUri address, KeyLevel level, KeyTier tier) {
        parts.states().requireReadable();
        var id = rowId(address);
        var held = cache.use(id).orElseGet(() -> fetch(tenant, id, level));
        var slot = held.slot();
        if (!slot.tenant().equals(tenant) || slot.level() != level || slot.tier() != tier) {
            held.close();
            throw invalid();
        }
        return held;
    }

    /// Makes the next version of a slot, which protects from now on. To be called under the slot's lock.
    ///
    /// @param by who wants it, and why
    /// @param root for a tenant key: under which root key; empty means that of the version before
    KeyRecord succeed(KeyRecord newest, KeyAudit.Rotation by, Optional<KeyUri> root) {
        var slot = newest.slot();
        int version = newest.version() + 1;
        var id = parts.ids().next();
        try (var key = DataKey.random(parts.random())) {
            var kek = root.orElseGet(() -> parts.kms().newest(newest.wrapped().kek()));
            var row = row(slot, version, id, key, kek);
            parts.audit().rotated(row, newest, by);
            var stands = parts.records().succeed(row);
            parts.states().seen().saw(stands);
            if (!stands.id().equals(id)) {
                parts.audit().discarded(row);
                cache.retire(slot);
                return stands;
            }
            announce(id);
            var above = aboveOf(row);
            cache.keep(new HeldKey<>(id, slot, KeyState.ACTIVE, key.copy(), above), true)
                    .close();
            return stands;
        }
    }

    /// The same key under another parent: a tenant key under the root key at `kek`, another under the tenant key that
    /// seals now. Returns the wrapped key; nothing is stored.
    WrappedKey wrapAnew(KeyRecord row, Optional<KeyUri> kek) {
        try (var held = unwrap(row)) {
            var root = kek.orElseGet(() -> parts.kms().newest(row.wrapped().kek()));
            return wrap(row.slot(), row.version(), row.id(), held.key(), root);
        }
    }

    /// The row with the highest version, checked against what was there before.
    Optional<KeyRecord> newest(KeySlot slot) {
        // Both before the row: what comes after it, such as a version of which a poll hears, must not overtake it.
        int known = parts.states().seen().newest(slot);
        int floor = parts.records().floor(slot).sealsFrom();
        var row = parts.records().latest(slot);
        int version = row.map(KeyRecord::version).orElse(0);
        if (version < floor || version < known) {
            throw rolledBack();
        }
        row.ifPresent(this::requireNotPutBack);
        return row;
    }

    /// The key of that id, whatever its state.
    KeyRecord find(TenantId tenant, UUID id) {
        var row = parts.records()
                .find(tenant, id)
                .orElseThrow(() -> new NotFoundException(KeysError.KEY_ABSENT, "the tenant has no key of that id"));
        requireNotPutBack(row);
        return row;
    }

    List<KeyRecord> list(TenantId tenant) {
        var rows = new ArrayList<>(parts.records().list(tenant));
        rows.sort(Comparator.comparing((KeyRecord row) -> row.slot().level())
                .thenComparing(row -> row.slot().name())
                .thenComparing(row -> row.slot().tier())
                .thenComparingInt(KeyRecord::version));
        return rows;
    }

    Stripes.Held lock(KeySlot slot) {
        return (slot.level() == KeyLevel.TENANT ? tenantLocks : childLocks).lock(slot);
    }

    static KeyUri address(UUID id) {
        return new KeyUri(ROW_SCHEME + ":" + id);
    }

    static UUID rowId(KeyUri address) {
        if (!address.scheme().equals(ROW_SCHEME)) {
            throw invalid();
        }
        try {
            return UUID.fromString(address.name());
        } catch (IllegalArgumentException malformed) {
            throw invalid();
        }
    }

    void drop(TenantId tenant) {
        cache.dropIf(slot -> slot.tenant().equals(tenant));
    }

    void clear() {
        cache.clear();
    }

    @Override
    public void close() {
        cache.close();
    }

    private HeldKey<KeySlot> fetch(TenantId tenant, UUID id, KeyLevel level) {
        try (var _ = (level == KeyLevel.TENANT ? tenantLocks : childLocks).lock(id)) {
            var meanwhile = cache.use(id);
            if (meanwhile.isPresent()) {
                return meanwhile.get();
            }
            long ticket = cache.ticket();
            var row = parts.records().find(tenant, id).orElseThrow(KeyHierarchy::invalid);
            requireNotPutBack(row);
            if (row.state() == KeyState.SUSPENDED) {
                throw new UnavailableException(KeysError.KEY_REVOKED, "%s key was revoked".formatted(level.code()));
            }
            if (!row.state().opens()
                    || row.slot().level() != level
                    || row.version() < parts.records().floor(row.slot()).opensFrom()) {
                throw invalid();
            }
            return cache.keep(unwrap(row), false, ticket);
        }
    }

    /// A row may have been read before a change of which this process has since heard: it is read once more.
    private void requireNotPutBack(KeyRecord row) {
        if (parts.states().seen().accepts(row)) {
            return;
        }
        var again = parts.records().find(row.slot().tenant(), row.id());
        if (again.isEmpty() || !parts.states().seen().accepts(again.get())) {
            throw rolledBack();
        }
    }

    /// A first version.
    private HeldKey<KeySlot> create(KeySlot slot, KeyUri root) {
        try (var key = DataKey.random(parts.random())) {
            return insert(row(slot, 1, parts.ids().next(), key, root), key);
        }
    }

    private KeyRecord row(KeySlot slot, int version, UUID id, DataKey key, KeyUri root) {
        var algorithm = slot.level() == KeyLevel.PURPOSE ? MAC : CIPHER;
        var wrapped = wrap(slot, version, id, key, root);
        return new KeyRecord(
                id,
                slot,
                version,
                KeyState.ACTIVE,
                algorithm,
                wrapped,
                parts.clock().instant());
    }

    /// @param root where a tenant key is wrapped; the others are wrapped by their tenant's key
    private WrappedKey wrap(KeySlot slot, int version, UUID id, DataKey key, KeyUri root) {
        var context = EncryptionContext.of(slot, version, id);
        if (slot.level() == KeyLevel.TENANT) {
            return parts.kms().wrap(root, key, context);
        }
        try (var parent = sealing(KeySlot.tenant(slot.tenant(), slot.tier()))) {
            parts.usage().wrapped(slot.tenant(), parent.id());
            return WrappedKey.of(address(parent.id()), Wrapping.wrap(parent.key(), key, context, parts.random()));
        }
    }

    /// Records, stores and caches a first version; if another node was first, uses that one.
    private HeldKey<KeySlot> insert(KeyRecord candidate, DataKey key) {
        parts.audit().created(candidate);
        long ticket = cache.ticket();
        var stands = parts.records().insert(candidate);
        parts.states().seen().saw(stands);
        if (stands.id().equals(candidate.id())) {
            announce(candidate.id());
            var held = new HeldKey<>(candidate.id(), candidate.slot(), KeyState.ACTIVE, key.copy(), aboveOf(candidate));
            return cache.keep(held, true, ticket);
        }
        parts.audit().discarded(candidate);
        return cache.keep(unwrap(stands), true, ticket);
    }

    private static List<UUID> aboveOf(KeyRecord row) {
        return row.slot().level() == KeyLevel.TENANT
                ? List.of()
                : List.of(rowId(row.wrapped().kek()));
    }

    private HeldKey<KeySlot> unwrap(KeyRecord row) {
        var slot = row.slot();
        if (!row.algorithm().equals(slot.level() == KeyLevel.PURPOSE ? MAC : CIPHER)) {
            throw invalid();
        }
        var context = EncryptionContext.of(slot, row.version(), row.id());
        if (slot.level() == KeyLevel.TENANT) {
            parts.audit().unwrapped(row); // every use of the root key, not only the first
            var held = new HeldKey<>(row.id(), slot, row.state(), parts.kms().unwrap(row.wrapped(), context));
            requireRight(held);
            return held;
        }
        if (announce(row.id())) {
            parts.audit().unwrapped(row);
        }
        try (var parent = opening(slot.tenant(), row.wrapped().kek(), KeyLevel.TENANT, slot.tier())) {
            parts.usage().unwrapped(slot.tenant(), parent.id());
            var key = Wrapping.unwrap(parent.key(), row.wrapped().bytes(), context);
            return new HeldKey<>(row.id(), slot, row.state(), key, parent.aboveChildren());
        }
    }

    /// A key service that answers with another key must not have anything new wrapped under it, for nobody would open
    /// that again: if there are keys under the tenant key, it must open one of them.
    ///
    /// @throws IntegrityException if it opens none
    private void requireRight(HeldKey<KeySlot> tenantKey) {
        var children = parts.records().list(tenantKey.slot().tenant()).stream()
                .filter(row -> row.wrapped().kek().equals(address(tenantKey.id())) && row.state() != KeyState.DESTROYED)
                .toList();
        if (children.isEmpty() || children.stream().anyMatch(child -> opens(tenantKey, child))) {
            return;
        }
        tenantKey.close();
        throw Wrapping.refused();
    }

    private static boolean opens(HeldKey<KeySlot> tenantKey, KeyRecord child) {
        try {
            var context = EncryptionContext.of(child.slot(), child.version(), child.id());
            Wrapping.unwrap(tenantKey.key(), child.wrapped().bytes(), context).close();
            return true;
        } catch (IntegrityException refused) {
            return false;
        }
    }

    /// True the first time.
    private boolean announce(UUID id) {
        synchronized (announced) {
            return announced.add(id);
        }
    }

    private static NotFoundException absent() {
        return new NotFoundException(KeysError.TENANT_KEY_ABSENT, "tenant has no key; it was never created here");
    }

    private static IntegrityException rolledBack() {
        return new IntegrityException(
                KeysError.KEY_ROLLED_BACK, "key row is of a version or state that was left behind before");
    }

    static IntegrityException invalid() {
        return new IntegrityException(
                KeysError.KEY_RECORD_INVALID, "key row is absent or has an algorithm, level or state that is refused");
    }
}
