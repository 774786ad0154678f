package dev.sotto.keys;

import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/// Record keys of one owner that are about to be stored, each wrapped under a class key that was held before. Each is
/// in the audit log before its row is anywhere. For one thread.
final class NewRecordKeys implements AutoCloseable {
    private final KeyParts parts;
    private final KeyAudit.Owner owner;
    private final Map<ErasableSlot, HeldKey<KeySlot>> parents = new HashMap<>();
    private final Map<ErasableSlot, Made> made = new HashMap<>();

    private record Made(ErasableKey row, DataKey key) {}

    NewRecordKeys(KeyParts parts, KeyAudit.Owner owner) {
        this.parts = parts;
        this.owner = owner;
    }

    /// The class key that is to wrap the key of `slot`; closed with this.
    NewRecordKeys under(HeldKey<KeySlot> parent, ErasableSlot slot) {
        parents.put(slot, parent);
        return this;
    }

    ErasableKey first(ErasableSlot slot) {
        return make(slot, 1);
    }

    /// @param slot one with a class key, once
    ErasableKey make(ErasableSlot slot, int version) {
        var parent = Optional.ofNullable(parents.get(slot)).orElseThrow();
        var id = parts.ids().next();
        var key = DataKey.random(parts.random());
        byte[] wrapped = Wrapping.wrap(parent.key(), key, EncryptionContext.of(slot, version, id), parts.random());
        var row = new ErasableKey(
                id,
                slot,
                version,
                KeyHierarchy.CIPHER,
                WrappedKey.of(KeyHierarchy.address(parent.id()), wrapped),
                parts.clock().instant());
        made.put(slot, new Made(row, key));
        parts.audit().created(row, owner);
        parts.usage().wrapped(slot.tenant(), parent.id());
        return row;
    }

    /// The key that was made, if it is the one that stands. One that was made in vain goes into the log as discarded.
    Optional<HeldKey<ErasableSlot>> settle(ErasableSlot slot, KeyRecords.Insertion became) {
        var mine = made.get(slot);
        if (mine == null) {
            return Optional.empty();
        }
        if (became instanceof KeyRecords.Insertion.Stands(var row)
                && row.id().equals(mine.row().id())) {
            var above = Optional.ofNullable(parents.get(slot)).orElseThrow().aboveChildren();
            return Optional.of(
                    new HeldKey<>(row.id(), slot, KeyState.ACTIVE, mine.key().copy(), above));
        }
        parts.audit().discarded(mine.row(), owner);
        return Optional.empty();
    }

    @Override
    public void close() {
        parents.values().forEach(HeldKey::close);
        made.values().forEach(each -> each.key().close());
    }
}
