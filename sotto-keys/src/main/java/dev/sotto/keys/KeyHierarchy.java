package dev.sotto.keys;

import dev.sotto.core.IdSource;
import dev.sotto.core.IntegrityException;
import dev.sotto.core.NotFoundException;
import dev.sotto.core.TenantId;
import dev.sotto.core.UnavailableException;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;

/// Tenant, class and purpose keys: finds, makes and unwraps them. Thread-safe; may block.
///
/// Locks are taken in one order: record key, then class or purpose key, then tenant key; never two of a kind.
final class KeyHierarchy implements AutoCloseable {
    static final String CIPHER = "cobblestone-256";
    static final String MAC = "hmac-sha-256";
    static final String ROW_SCHEME = "key";
    private static final KeyTier TIER = KeyTier.PRIMARY;
    private static final int MAX_REMEMBERED = 65_536;

    private final Kms kms;
    private final KeyUri root;
    private final KeyRecords records;
    private final KeyAudit audit;
    private final Clock clock;
    private final SecureRandom random;
    private final IdSource ids;
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

    KeyHierarchy(
            Kms kms,
            KeyUri root,
            KeyRecords records,
            KeyAudit audit,
            Clock clock,
            SecureRandom random,
            KeyCache<KeySlot> cache,
            Duration patience) {
        this.kms = kms;
        this.root = root;
        this.records = records;
        this.audit = audit;
        this.clock = clock;
        this.random = random;
        this.ids = new IdSource(clock, random);
        this.cache = cache;
        this.tenantLocks = new Stripes(patience);
        this.childLocks = new Stripes(patience);
    }

    /// Makes the tenant key unless there is one.
    void createTenant(TenantId tenant) {
        var slot = KeySlot.tenant(tenant, TIER);
        try (var _ = tenantLocks.lock(slot)) {
            if (records.latest(slot).isPresent()) {
                return;
            }
            try (var key = DataKey.random(random)) {
                var id = ids.next();
                insert(slot, id, CIPHER, key, kms.wrap(root, key, EncryptionContext.of(slot, 1, id)))
                        .close();
            }
        }
    }

    /// The key that protects new things in this slot. Class and purpose keys are made at first use.
    ///
    /// @throws NotFoundException if the tenant has no key
    /// @throws UnavailableException if the newest version may not seal
    HeldKey<KeySlot> sealing(KeySlot slot) {
        var cached = cache.useCurrent(slot);
        if (cached.isPresent()) {
            return cached.get();
        }
        try (var _ = locks(slot.level()).lock(slot)) {
            var meanwhile = cache.useCurrent(slot);
            if (meanwhile.isPresent()) {
                return meanwhile.get();
            }
            var row = records.latest(slot);
            if (row.isEmpty()) {
                return create(slot);
            }
            if (!row.get().state().seals()) {
                throw new UnavailableException(
                        KeysError.KEY_NOT_ACTIVE,
                        "%s key version (%d) is not active"
                                .formatted(slot.level().code(), row.get().version()));
            }
            return cache.keep(unwrap(row.get()), true);
        }
    }

    /// The key at `address`, if it may open what it protects and is of `level`.
    ///
    /// @throws IntegrityException if it is not there, of another level or state, or does not unwrap
    HeldKey<KeySlot> opening(TenantId tenant, KeyUri address, KeyLevel level) {
        var id = rowId(address);
        var held = cache.use(id).orElseGet(() -> fetch(tenant, id, level));
        var slot = held.slot();
        if (!slot.tenant().equals(tenant) || slot.level() != level || slot.tier() != TIER) {
            held.close();
            throw invalid();
        }
        return held;
    }

    List<KeyRecord> list(TenantId tenant) {
        var rows = new ArrayList<>(records.list(tenant));
        rows.sort(Comparator.comparing((KeyRecord row) -> row.slot().level())
                .thenComparing(row -> row.slot().name())
                .thenComparing(row -> row.slot().tier())
                .thenComparingInt(KeyRecord::version));
        return rows;
    }

    static KeyUri address(UUID id) {
        return new KeyUri(ROW_SCHEME + ":" + id);
    }

    void clear() {
        cache.clear();
    }

    @Override
    public void close() {
        cache.close();
    }

    private HeldKey<KeySlot> fetch(TenantId tenant, UUID id, KeyLevel level) {
        try (var _ = locks(level).lock(id)) {
            var meanwhile = cache.use(id);
            if (meanwhile.isPresent()) {
                return meanwhile.get();
            }
            var row = records.find(tenant, id).orElseThrow(KeyHierarchy::invalid);
            if (!row.state().opens() || row.slot().level() != level) {
                throw invalid();
            }
            return cache.keep(unwrap(row), false);
        }
    }

    private HeldKey<KeySlot> create(KeySlot slot) {
        if (slot.level() == KeyLevel.TENANT) {
            throw new NotFoundException(KeysError.TENANT_KEY_ABSENT, "tenant has no key; it was never created here");
        }
        try (var parent = sealing(KeySlot.tenant(slot.tenant(), slot.tier()));
                var key = DataKey.random(random)) {
            var id = ids.next();
            byte[] wrapped = Wrapping.wrap(parent.key(), key, EncryptionContext.of(slot, 1, id), random);
            var algorithm = slot.level() == KeyLevel.PURPOSE ? MAC : CIPHER;
            return insert(slot, id, algorithm, key, WrappedKey.of(address(parent.id()), wrapped));
        }
    }

    /// Records, stores and caches a first version; if another node was first, uses that one.
    private HeldKey<KeySlot> insert(KeySlot slot, UUID id, String algorithm, DataKey key, WrappedKey wrapped) {
        var candidate = new KeyRecord(id, slot, 1, KeyState.ACTIVE, algorithm, wrapped, clock.instant());
        audit.created(candidate);
        var stands = records.insert(candidate);
        if (stands.id().equals(id)) {
            announce(id);
            return cache.keep(new HeldKey<>(id, slot, KeyState.ACTIVE, key.copy()), true);
        }
        audit.discarded(candidate);
        return cache.keep(unwrap(stands), true);
    }

    private HeldKey<KeySlot> unwrap(KeyRecord row) {
        var slot = row.slot();
        if (!row.algorithm().equals(slot.level() == KeyLevel.PURPOSE ? MAC : CIPHER)) {
            throw invalid();
        }
        var context = EncryptionContext.of(slot, row.version(), row.id());
        if (slot.level() == KeyLevel.TENANT) {
            audit.unwrapped(row); // every use of the root key, not only the first
            return new HeldKey<>(row.id(), slot, row.state(), kms.unwrap(row.wrapped(), context));
        }
        if (announce(row.id())) {
            audit.unwrapped(row);
        }
        try (var parent = opening(slot.tenant(), row.wrapped().kek(), KeyLevel.TENANT)) {
            var key = Wrapping.unwrap(parent.key(), row.wrapped().bytes(), context);
            return new HeldKey<>(row.id(), slot, row.state(), key);
        }
    }

    /// True the first time.
    private boolean announce(UUID id) {
        synchronized (announced) {
            return announced.add(id);
        }
    }

    private Stripes locks(KeyLevel level) {
        return level == KeyLevel.TENANT ? tenantLocks : childLocks;
    }

    private static UUID rowId(KeyUri address) {
        if (!address.scheme().equals(ROW_SCHEME)) {
            throw invalid();
        }
        try {
            return UUID.fromString(address.name());
        } catch (IllegalArgumentException malformed) {
            throw invalid();
        }
    }

    private static IntegrityException invalid() {
        return new IntegrityException(
                KeysError.KEY_RECORD_INVALID, "key row is absent or has an algorithm, level or state that is refused");
    }
}
