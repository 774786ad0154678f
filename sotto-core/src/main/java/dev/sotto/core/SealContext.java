package dev.sotto.core;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.Objects.requireNonNull;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;

/// What a sealed value is and where it belongs. Opening succeeds only under an equal context, so a ciphertext moved to
/// another tenant, class, row, field or version does not open. Holds ids, never names.
///
/// @param rowVersion the version of the row that holds the value, from 1; 0 for immutable objects
public record SealContext(
        TenantId tenant,
        DataClass dataClass,
        KeyOwner owner,
        String recordType,
        String recordId,
        String field,
        long rowVersion) {
    /// The version of the sealed format, bound into every context.
    public static final byte FORMAT_VERSION = 1;

    public SealContext {
        requireNonNull(tenant, "tenant");
        requireNonNull(dataClass, "dataClass");
        requireNonNull(owner, "owner");
        requireNonNull(recordType, "recordType");
        requireNonNull(recordId, "recordId");
        requireNonNull(field, "field");
        if (rowVersion < 0) {
            throw new IllegalArgumentException("rowVersion (%d) must not be negative".formatted(rowVersion));
        }
    }

    /// The associated data: every part as a four-byte big-endian length and its bytes. The layout is pinned by
    /// `docs/spec/sealing.md`.
    public byte[] associatedData() {
        return lengthPrefixed(
                new byte[] {FORMAT_VERSION},
                tenant.toString().getBytes(UTF_8),
                dataClass.code().getBytes(UTF_8),
                recordType.getBytes(UTF_8),
                recordId.getBytes(UTF_8),
                field.getBytes(UTF_8),
                ByteBuffer.allocate(Long.BYTES).putLong(rowVersion).array());
    }

    private static byte[] lengthPrefixed(byte[]... parts) {
        var out = new ByteArrayOutputStream();
        for (byte[] part : parts) {
            out.writeBytes(
                    ByteBuffer.allocate(Integer.BYTES).putInt(part.length).array());
            out.writeBytes(part);
        }
        return out.toByteArray();
    }
}
