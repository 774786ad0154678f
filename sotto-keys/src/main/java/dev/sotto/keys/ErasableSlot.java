package dev.sotto.keys;

import static java.util.Objects.requireNonNull;

import dev.sotto.core.DataClass;
import dev.sotto.core.KeyOwner;
import dev.sotto.core.TenantId;

/// The place of a record key: at most one key per slot and version.
///
/// @param owner [KeyOwner#text()] of the call, subject or tenant whose data it seals
public record ErasableSlot(TenantId tenant, DataClass dataClass, String owner, KeyTier tier) {
    public ErasableSlot {
        requireNonNull(tenant, "tenant");
        requireNonNull(dataClass, "dataClass");
        requireNonNull(owner, "owner");
        requireNonNull(tier, "tier");
    }

    public static ErasableSlot of(TenantId tenant, DataClass dataClass, KeyOwner owner, KeyTier tier) {
        return new ErasableSlot(tenant, dataClass, owner.text(), tier);
    }
}
