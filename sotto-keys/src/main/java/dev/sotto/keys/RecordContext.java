package dev.sotto.keys;

import static java.util.Objects.requireNonNull;

import dev.sotto.core.DataClass;
import dev.sotto.core.KeyOwner;
import dev.sotto.core.SealContext;
import dev.sotto.core.TenantId;

/// A record whose fields are sealed, and where it belongs. Holds ids, never names.
///
/// @param owner whose record key seals it
/// @param type what kind of record, such as `turn`
/// @param id of the record
/// @param version of the record, from 1; each change adds one
public record RecordContext(
        TenantId tenant, DataClass dataClass, KeyOwner owner, String type, String id, long version) {
    public RecordContext {
        requireNonNull(tenant, "tenant");
        requireNonNull(dataClass, "dataClass");
        requireNonNull(owner, "owner");
        requireNonNull(type, "type");
        requireNonNull(id, "id");
        if (version < 1) {
            throw new IllegalArgumentException("version (%d) must be positive".formatted(version));
        }
    }

    /// The context of one field.
    public SealContext field(String name) {
        return new SealContext(tenant, dataClass, owner, type, id, name, version);
    }

    /// The same record after a change.
    public RecordContext next() {
        return new RecordContext(tenant, dataClass, owner, type, id, version + 1);
    }
}
