package dev.sotto.keys;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.Objects.requireNonNull;

import dev.sotto.core.TenantId;
import java.nio.ByteBuffer;
import java.util.UUID;

/// What a wrapped key is and where it belongs. Unwrapping succeeds only under an equal context, so a wrapped key
/// moved to another row, tenant, class, owner, version or tier does not open. Holds ids, never names of people.
///
/// @param name the code of the data class, the purpose, or empty
/// @param owner the owner of a record key, or empty
/// @param version from 1
/// @param keyId the id of the key's row
public record EncryptionContext(
        KeyLevel level, TenantId tenant, String name, String owner, int version, KeyTier tier, UUID keyId) {
    private static final String LABEL = "sotto-wrapped-key";
    private static final UUID NO_ROW = new UUID(0, 0);

    public EncryptionContext {
        requireNonNull(level, "level");
        requireNonNull(tenant, "tenant");
        requireNonNull(name, "name");
        requireNonNull(owner, "owner");
        requireNonNull(tier, "tier");
        requireNonNull(keyId, "keyId");
        if (version < 1) {
            throw new IllegalArgumentException("version (%d) must be positive".formatted(version));
        }
    }

    /// The context of a tenant, class or purpose key.
    public static EncryptionContext of(KeySlot slot, int version, UUID keyId) {
        return new EncryptionContext(slot.level(), slot.tenant(), slot.name(), "", version, slot.tier(), keyId);
    }

    /// The context of a record key.
    public static EncryptionContext of(ErasableSlot slot, int version, UUID keyId) {
        return new EncryptionContext(
                KeyLevel.RECORD, slot.tenant(), slot.dataClass().code(), slot.owner(), version, slot.tier(), keyId);
    }

    /// The context of a secret that the node keeps for itself, such as `node-secret`.
    public static EncryptionContext ofSecret(String purpose) {
        return new EncryptionContext(KeyLevel.SECRET, TenantId.OPERATOR, purpose, "", 1, KeyTier.PRIMARY, NO_ROW);
    }

    /// The associated data: every part as a four-byte big-endian length and its bytes. The layout is pinned by
    /// `docs/spec/sealing.md`.
    public byte[] associatedData() {
        return Parts.lengthPrefixed(
                LABEL.getBytes(US_ASCII),
                new byte[] {Wrapping.VERSION},
                level.code().getBytes(US_ASCII),
                tenant.toString().getBytes(US_ASCII),
                name.getBytes(UTF_8),
                owner.getBytes(UTF_8),
                ByteBuffer.allocate(Integer.BYTES).putInt(version).array(),
                tier.code().getBytes(US_ASCII),
                Parts.bytes(keyId));
    }
}
