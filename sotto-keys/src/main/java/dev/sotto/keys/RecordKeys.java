package dev.sotto.keys;

import dev.sotto.core.IdSource;
import dev.sotto.core.IntegrityException;
import dev.sotto.core.KeyOwner;
import dev.sotto.core.NotFoundException;
import dev.sotto.core.SubjectHasher;
import dev.sotto.core.TenantId;
import dev.sotto.core.UnavailableException;
import dev.sotto.keys.KeyRecords.Insertion;
import dev.sotto.keys.SealedDataException.Cause;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.util.Optional;
import java.util.UUID;

/// Record keys: makes one at the first seal of an owner and data class, finds it again, renews and destroys it.
/// Thread-safe; may block.
final class RecordKeys implements AutoCloseable {
    private static final int DESTROY_ROUNDS = 8;

    private final KeyHierarchy hierarchy;
    private final KeyRecords records;
    private final KeyAudit audit;
    private final SubjectHasher hasher;
    private final Clock clock;
    private final SecureRandom random;
    private final IdSource ids;
    private final KeyCache<ErasableSlot> cache;
    private final Stripes locks;

    RecordKeys(
            KeyHierarchy hierarchy,
            KeyRecords records,
            KeyAudit audit,
            SubjectHasher hasher,
            Clock clock,
            SecureRandom random,
            KeyCache<ErasableSlot> cache,
            Duration patience) {
        this.hierarchy = hierarchy;
        this.records = records;
        this.audit = audit;
        this.hasher = hasher;
        this.clock = clock;
        this.random = random;
        this.ids = new IdSource(clock, random);
        this.cache = cache;
        this.locks = new Stripes(patience);
    }

    /// The newest key of the slot; made at first use.
    ///
    /// @throws NotFoundException if it was destroyed, or the tenant has no key
    HeldKey<ErasableSlot> sealing(ErasableSlot slot, KeyOwner owner) {
        var cached = cache.useCurrent(slot);
        if (cached.isPresent()) {
            return cached.get();
        }
        try (var _ = locks.lock(slot)) {
            var meanwhile = cache.useCurrent(slot);
            if (meanwhile.isPresent()) {
                return meanwhile.get();
            }
            var row = records.latest(slot);
            if (row.isPresent()) {
                return cache.keep(unwrapToSeal(row.get()), true);
            }
            if (records.destroyedThrough(slot) > 0) {
                throw destroyed();
            }
            return create(slot, owner, 1);
        }
    }

    /// The key of that id, if it is one of the slot.
    HeldKey<ErasableSlot> opening(ErasableSlot slot, UUID id) throws SealedDataException {
        var cached = cache.use(id);
        if (cached.isPresent()) {
            return matching(slot, cached.get());
        }
        try (var _ = locks.lock(slot)) {
            var row = records.findErasable(slot.tenant(), id);
            if (row.isEmpty()) {
                throw new SealedDataException(Cause.KEY_ABSENT);
            }
            if (!row.get().slot().equals(slot)) {
                throw new SealedDataException(Cause.KEY_MISMATCH);
            }
            return cache.keep(unwrapToOpen(row.get()), false);
        }
    }

    /// Makes a newer version, which seals from now on.
    void renew(ErasableSlot slot, KeyOwner owner) {
        try (var _ = locks.lock(slot)) {
            int newest = records.latest(slot).map(ErasableKey::version).orElse(0);
            int version = Math.max(newest, records.destroyedThrough(slot)) + 1;
            create(slot, owner, version).close();
        }
    }

    /// Destroys every version.
    void destroy(ErasableSlot slot, KeyOwner owner) {
        var named = named(slot.tenant(), owner);
        try (var _ = locks.lock(slot)) {
            audit.destroyRequested(slot, named);
            int gone = 0;
            for (int round = 0; round < DESTROY_ROUNDS; round++) {
                var newest = records.latest(slot);
                if (newest.isEmpty() && round > 0) {
                    break;
                }
                int through =
                        newest.map(ErasableKey::version).orElseGet(() -> Math.max(1, records.destroyedThrough(slot)));
                gone += destroyThrough(slot, named, through);
            }
            if (records.latest(slot).isPresent()) {
                throw new UnavailableException(KeysError.KEY_BUSY, "the record key is being renewed elsewhere");
            }
            if (gone == 0) {
                audit.destroyedNone(slot, named);
            }
        }
    }

    /// Destroys every version but the newest.
    void destroyReplaced(ErasableSlot slot, KeyOwner owner) {
        var named = named(slot.tenant(), owner);
        try (var _ = locks.lock(slot)) {
            var newest = records.latest(slot);
            if (newest.isEmpty() || newest.get().version() == 1) {
                return;
            }
            audit.destroyRequested(slot, named);
            destroyThrough(slot, named, newest.get().version() - 1);
        }
    }

    void clear() {
        cache.clear();
    }

    @Override
    public void close() {
        cache.close();
    }

    private int destroyThrough(ErasableSlot slot, KeyAudit.Owner named, int version) {
        var ids = records.destroy(slot, version, clock.instant());
        cache.drop(slot);
        ids.forEach(id -> audit.destroyed(slot, named, id));
        return ids.size();
    }

    private HeldKey<ErasableSlot> create(ErasableSlot slot, KeyOwner owner, int version) {
        var named = named(slot.tenant(), owner);
        var classSlot = KeySlot.dataClass(slot.tenant(), slot.dataClass(), slot.tier());
        try (var parent = hierarchy.sealing(classSlot);
                var key = DataKey.random(random)) {
            var id = ids.next();
            byte[] wrapped = Wrapping.wrap(parent.key(), key, EncryptionContext.of(slot, version, id), random);
            var candidate = new ErasableKey(
                    id,
                    slot,
                    version,
                    KeyHierarchy.CIPHER,
                    WrappedKey.of(KeyHierarchy.address(parent.id()), wrapped),
                    clock.instant());
            audit.created(candidate, named);
            return switch (records.insert(candidate)) {
                case Insertion.Stands(var row)
                when row.id().equals(id) -> cache.keep(new HeldKey<>(id, slot, KeyState.ACTIVE, key.copy()), true);
                case Insertion.Stands(var row) -> {
                    audit.discarded(candidate, named);
                    yield cache.keep(unwrapToSeal(row), true);
                }
                case Insertion.Destroyed() -> {
                    audit.discarded(candidate, named);
                    throw destroyed();
                }
            };
        }
    }

    private HeldKey<ErasableSlot> unwrapToSeal(ErasableKey row) {
        try (var parent = parent(row)) {
            if (parent.state() == KeyState.COMPROMISED) {
                throw new UnavailableException(
                        KeysError.KEY_NOT_ACTIVE,
                        "the class key of the record key is compromised; renew the record key");
            }
            return unwrap(row, parent);
        }
    }

    private HeldKey<ErasableSlot> unwrapToOpen(ErasableKey row) throws SealedDataException {
        try (var parent = parent(row)) {
            return unwrap(row, parent);
        } catch (IntegrityException | NotFoundException invalid) {
            throw new SealedDataException(Cause.KEY_INVALID);
        }
    }

    private HeldKey<KeySlot> parent(ErasableKey row) {
        var parent = hierarchy.opening(row.slot().tenant(), row.wrapped().kek(), KeyLevel.CLASS);
        if (!parent.slot().name().equals(row.slot().dataClass().code())
                || !row.algorithm().equals(KeyHierarchy.CIPHER)) {
            parent.close();
            throw new IntegrityException(
                    KeysError.KEY_RECORD_INVALID, "record key row names an algorithm or class key that is refused");
        }
        return parent;
    }

    private static HeldKey<ErasableSlot> unwrap(ErasableKey row, HeldKey<KeySlot> parent) {
        var context = EncryptionContext.of(row.slot(), row.version(), row.id());
        var key = Wrapping.unwrap(parent.key(), row.wrapped().bytes(), context);
        return new HeldKey<>(row.id(), row.slot(), KeyState.ACTIVE, key);
    }

    private static HeldKey<ErasableSlot> matching(ErasableSlot slot, HeldKey<ErasableSlot> held)
            throws SealedDataException {
        if (held.slot().equals(slot)) {
            return held;
        }
        held.close();
        throw new SealedDataException(
                held.slot().tenant().equals(slot.tenant()) ? Cause.KEY_MISMATCH : Cause.KEY_ABSENT);
    }

    private KeyAudit.Owner named(TenantId tenant, KeyOwner owner) {
        return switch (owner) {
            case KeyOwner.OfSubject(var subject) ->
                new KeyAudit.Owner("subject", Optional.of(hasher.hash(tenant, subject)));
            case KeyOwner.OfCall call -> new KeyAudit.Owner(call.text(), Optional.empty());
            case KeyOwner.OfTenant of -> new KeyAudit.Owner(of.text(), Optional.empty());
        };
    }

    private static NotFoundException destroyed() {
        return new NotFoundException(KeysError.RECORD_KEY_DESTROYED, "the record key of this owner was destroyed");
    }
}
