package dev.sotto.guard;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.sotto.core.RejectedException;
import dev.sotto.core.TenantId;
import java.nio.ByteBuffer;
import java.security.GeneralSecurityException;
import java.util.Arrays;
import java.util.HexFormat;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/// The key of the operator `hash`. Whoever has it can find short values by trying; keep it like any other key and use
/// it for nothing else. Immutable, thread-safe, prints nothing.
public final class HashKey {
    /// The least a key may have.
    public static final int MIN_BYTES = 32;

    private static final String ALGORITHM = "HmacSHA256";
    private static final byte[] LABEL = "sotto-guard-hash-v1".getBytes(UTF_8);
    private static final int SHOWN_BYTES = 16;

    private final SecretKeySpec key;

    private HashKey(SecretKeySpec key) {
        this.key = key;
    }

    /// Copies `bytes`, which stay the caller's.
    ///
    /// @throws RejectedException if they are fewer than [#MIN_BYTES]
    public static HashKey of(byte[] bytes) {
        if (bytes.length < MIN_BYTES) {
            throw new RejectedException(
                    GuardError.HASH_KEY_INVALID, "hash key must have at least %d bytes".formatted(MIN_BYTES));
        }
        return new HashKey(new SecretKeySpec(bytes, ALGORITHM));
    }

    /// 32 lower-case hex digits: HMAC-SHA-256 over label, tenant, type and value, cut to 16 bytes.
    String hash(TenantId tenant, EntityType type, String value) {
        try {
            Mac mac = Mac.getInstance(ALGORITHM);
            mac.init(key);
            mac.update(LABEL);
            mac.update((byte) 0);
            mac.update(ByteBuffer.allocate(2 * Long.BYTES)
                    .putLong(tenant.value().getMostSignificantBits())
                    .putLong(tenant.value().getLeastSignificantBits())
                    .array());
            mac.update(type.name().getBytes(UTF_8));
            mac.update((byte) 0);
            return HexFormat.of().formatHex(Arrays.copyOf(mac.doFinal(value.getBytes(UTF_8)), SHOWN_BYTES));
        } catch (GeneralSecurityException absent) {
            throw new IllegalStateException("every Java has HMAC-SHA-256", absent);
        }
    }

    @Override
    public String toString() {
        return "[REDACTED]";
    }
}
