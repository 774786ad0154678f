package dev.sotto.keys;

import dev.sotto.core.DataClass;
import dev.sotto.core.IntegrityException;
import dev.sotto.core.KeyOwner;
import dev.sotto.core.NotFoundException;
import dev.sotto.core.SubjectHasher;
import dev.sotto.core.TenantId;
import dev.sotto.core.UnavailableException;
import dev.sotto.keys.KeyRecords.Insertion;
import dev.sotto.keys.SealedDataException.Cause;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;

/// Record keys: makes one at the first seal of an owner and data class, finds it again, renews and destroys it.
/// Thread-safe; may block.
final class RecordKeys implements AutoCloseable {
    private static final int DESTROY_ROUNDS = 8;
    private static final Insertion ABSENT = new Insertion.Destroyed(); // records that name no key are not trusted

    private final KeyParts parts;
    private final KeyHierarchy hierarchy;
    private final KeyRecords records;
    private final KeyAudit audit;
    private final SubjectHasher hasher;
    private final KeyCache<ErasableSlot> cache;
    private final Stripes locks;

    RecordKeys(KeyParts parts, KeyHierarchy hierarchy, SubjectHasher hasher, KeyCache<ErasableSlot> cache) {
        this.parts = parts;
        this.hierarchy = hierarchy;
        this.records = parts.records();
        this.audit = parts.audit();
        this.hasher = hasher;
        this.cache = cache;
        this.locks = new Stripes(parts.patience());
    }

    /// The newest key of the slot; made at first use.
    ///
    /// @throws NotFoundException if it was destroyed, or the tenant has no key
    HeldKey<ErasableSlot> sealing(ErasableSlot slot, KeyOwner owner) {
        parts.states().requireReadable();
        var cached = cache.useCurrent(slot);
        if (cached.isPresent()) {
            return cached.get();
        }
        try (var _ = locks.lock(slot)) {
            var meanwhile = cache.useCurrent(slot);
            if (meanwhile.isPresent()) {
                return meanwhile.get();
            }
            long ticket = cache.ticket();
            var parent = hierarchy.held(classSlot(slot));
            if (parent.isPresent()) { // the first key can be made where it is looked for
                try (var fresh = fresh(slot, owner).under(parent.get(), slot)) {
                    var became = obtain(slot.tenant(), List.of(slot), fresh).getOrDefault(slot, ABSENT);
                    return settle(fresh, slot, owner, became, ticket);
                }
            }
            var standing = records.standing(slot);
            if (standing.latest().isPresent()) {
                return unwrapToSeal(standing.latest().get(), owner, ticket);
            }
            if (standing.destroyedThrough() > 0) {
                throw destroyed();
            }
            return create(slot, owner, 1);
        }
    }

    /// Makes the first keys of the owner for those of `classes` that have none and had none destroyed, all at once, and
    /// holds them: what is sealed next waits for no key.
    void prepare(TenantId tenant, KeyOwner owner, Set<DataClass> classes, KeyTier tier) {
        parts.states().requireReadable();
        try (var fresh = new NewRecordKeys(parts, named(tenant, owner))) {
            long ticket = cache.ticket();
            var slots = new ArrayList<ErasableSlot>();
            for (var dataClass : classes) {
                var slot = ErasableSlot.of(tenant, dataClass, owner, tier);
                var parent = hierarchy.held(classSlot(slot));
                if (parent.isPresent()) {
                    fresh.under(parent.get(), slot);
                    slots.add(slot);
                } else {
                    sealing(slot, owner).close();
                }
            }
            obtain(tenant, slots, fresh)
                    .forEach((slot, became) -> fresh.settle(slot, became)
                            .ifPresent(key -> cache.keep(key, true, ticket).close()));
        }
    }

    private Map<ErasableSlot, Insertion> obtain(TenantId tenant, List<ErasableSlot> slots, NewRecordKeys fresh) {
        return slots.isEmpty() ? Map.of() : records.obtain(tenant, slots, fresh::first);
    }

    /// The key of that id, if it is one of the slot.
    HeldKey<ErasableSlot> opening(ErasableSlot slot, UUID id) throws SealedDataException {
        parts.states().requireReadable();
        var cached = cache.use(id);
        if (cached.isPresent()) {
            return matching(slot, cached.get());
        }
        try (var _ = locks.lock(slot)) {
            long ticket = cache.ticket();
            var row = records.findErasable(slot.tenant(), id);
            if (row.isEmpty()) {
                throw new SealedDataException(Cause.KEY_ABSENT);
            }
            if (!row.get().slot().equals(slot)) {
                throw new SealedDataException(Cause.KEY_MISMATCH);
            }
            return cache.keep(unwrapToOpen(row.get()), false, ticket);
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

    /// Destroys every version. Returns how many keys are gone.
    long destroy(ErasableSlot slot, KeyOwner owner) {
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
            return gone;
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

    /// Destroys every version older than that of `key`.
    void destroyBefore(ErasableSlot slot, KeyOwner owner, UUID key) {
        var named = named(slot.tenant(), owner);
        try (var _ = locks.lock(slot)) {
            var row = records.findErasable(slot.tenant(), key)
                    .filter(found -> found.slot().equals(slot))
                    .orElseThrow(RecordKeys::destroyed);
            if (row.version() > 1 && records.destroyedThrough(slot) < row.version() - 1) {
                audit.destroyRequested(slot, named);
                destroyThrough(slot, named, row.version() - 1);
            }
        }
    }

    /// What the log may say of an owner.
    KeyAudit.Owner named(TenantId tenant, KeyOwner owner) {
        return switch (owner) {
            case KeyOwner.OfSubject(var subject) ->
                new KeyAudit.Owner("subject", Optional.of(hasher.hash(tenant, subject)));
            case KeyOwner.OfCall call -> new KeyAudit.Owner(call.text(), Optional.empty());
            case KeyOwner.OfTenant of -> new KeyAudit.Owner(of.text(), Optional.empty());
        };
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

    private int destroyThrough(ErasableSlot slot, KeyAudit.Owner named, int version) {
        var ids = records.destroy(slot, version, parts.clock().instant());
        cache.drop(slot);
        ids.forEach(id -> audit.destroyed(slot, named, id));
        return ids.size();
    }

    private HeldKey<ErasableSlot> create(ErasableSlot slot, KeyOwner owner, int version) {
        try (var fresh = fresh(slot, owner).under(hierarchy.sealing(classSlot(slot)), slot)) {
            var candidate = fresh.make(slot, version);
            long ticket = cache.ticket();
            return settle(fresh, slot, owner, records.insert(candidate), ticket);
        }
    }

    private NewRecordKeys fresh(ErasableSlot slot, KeyOwner owner) {
        return new NewRecordKeys(parts, named(slot.tenant(), owner));
    }

    private static KeySlot classSlot(ErasableSlot slot) {
        return KeySlot.dataClass(slot.tenant(), slot.dataClass(), slot.tier());
    }

    /// The key that stands, ready to seal.
    private HeldKey<ErasableSlot> settle(
            NewRecordKeys fresh, ErasableSlot slot, KeyOwner owner, Insertion became, long ticket) {
        var mine = fresh.settle(slot, became);
        if (mine.isPresent()) {
            return cache.keep(mine.get(), true, ticket);
        }
        return switch (became) {
            case Insertion.Stands(var row) -> unwrapToSeal(row, owner, ticket);
            case Insertion.Destroyed() -> throw destroyed();
        };
    }

    /// A record key under a compromised class key seals no more: whoever had the class key may have it. A fresh one
    /// takes its place.
    private HeldKey<ErasableSlot> unwrapToSeal(ErasableKey row, KeyOwner owner, long ticket) {
        try (var parent = parent(row)) {
            if (parent.state() != KeyState.COMPROMISED) {
                return cache.keep(unwrap(row, parent), true, ticket);
            }
        }
        return create(row.slot(), owner, row.version() + 1);
    }

    private HeldKey<ErasableSlot> unwrapToOpen(ErasableKey row) throws SealedDataException {
        try (var parent = parent(row)) {
            return unwrap(row, parent);
        } catch (IntegrityException | NotFoundException invalid) {
            throw new SealedDataException(Cause.KEY_INVALID);
        }
    }

    private HeldKey<KeySlot> parent(ErasableKey row) {
        var parent = hierarchy.opening(
                row.slot().tenant(),
                row.wrapped().kek(),
                KeyLevel.CLASS,
                row.slot().tier());
        if (!parent.slot().name().equals(row.slot().dataClass().code())
                || !row.algorithm().equals(KeyHierarchy.CIPHER)) {
            parent.close();
            throw new IntegrityException(
                    KeysError.KEY_RECORD_INVALID, "record key row names an algorithm or class key that is refused");
        }
        return parent;
    }

    private HeldKey<ErasableSlot> unwrap(ErasableKey row, HeldKey<KeySlot> parent) {
        parts.usage().unwrapped(row.slot().tenant(), parent.id());
        var context = EncryptionContext.of(row.slot(), row.version(), row.id());
        var key = Wrapping.unwrap(parent.key(), row.wrapped().bytes(), context);
        return new HeldKey<>(row.id(), row.slot(), KeyState.ACTIVE, key, parent.aboveChildren());
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

    private static NotFoundException destroyed() {
        return new NotFoundException(KeysError.RECORD_KEY_DESTROYED, "the record key of this owner was destroyed");
    }
}
