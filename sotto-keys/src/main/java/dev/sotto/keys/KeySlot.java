package dev.sotto.keys;

import static java.util.Objects.requireNonNull;

import dev.sotto.core.DataClass;
import dev.sotto.core.TenantId;

/// The place of a tenant, class or purpose key: at most one key per slot and version.
///
/// @param name the code of the data class, the purpose, or empty for a tenant key
public record KeySlot(TenantId tenant, KeyLevel level, String name, KeyTier tier) {
    private static final int MAX_NAME = 64;

    public KeySlot {
        requireNonNull(tenant, "tenant");
        requireNonNull(tier, "tier");
        if (level == KeyLevel.RECORD || level == KeyLevel.SECRET) {
            throw new IllegalArgumentException("level (%s) must be tenant, class or purpose".formatted(level.code()));
        }
        if (name.length() > MAX_NAME || name.isEmpty() != (level == KeyLevel.TENANT)) {
            throw new IllegalArgumentException("name must be empty for a tenant key, else 1 to 64 characters");
        }
    }

    public static KeySlot tenant(TenantId tenant, KeyTier tier) {
        return new KeySlot(tenant, KeyLevel.TENANT, "", tier);
    }

    public static KeySlot dataClass(TenantId tenant, DataClass dataClass, KeyTier tier) {
        return new KeySlot(tenant, KeyLevel.CLASS, dataClass.code(), tier);
    }

    public static KeySlot purpose(TenantId tenant, String purpose, KeyTier tier) {
        return new KeySlot(tenant, KeyLevel.PURPOSE, purpose, tier);
    }
}
