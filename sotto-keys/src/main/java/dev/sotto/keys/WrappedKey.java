package dev.sotto.keys;

import static java.util.Objects.requireNonNull;

import dev.sotto.core.IntegrityException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/// A data key encrypted under the key at [#kek()]. What the bytes mean is the business of that key's service.
/// Immutable.
public final class WrappedKey {
    private static final int MAX_BYTES = 16 * 1024;
    private static final int MAX_ENCODED = MAX_BYTES + 1024;

    private final KeyUri kek;
    private final byte[] bytes;

    private WrappedKey(KeyUri kek, byte[] bytes) {
        this.kek = requireNonNull(kek, "kek");
        if (bytes.length == 0 || bytes.length > MAX_BYTES) {
            throw new IllegalArgumentException(
                    "wrapped key (%d bytes) must have 1 to %d bytes".formatted(bytes.length, MAX_BYTES));
        }
        this.bytes = bytes.clone();
    }

    public static WrappedKey of(KeyUri kek, byte[] bytes) {
        return new WrappedKey(kek, bytes);
    }

    /// The address of the key that wrapped it.
    public KeyUri kek() {
        return kek;
    }

    /// A copy of the ciphertext.
    public byte[] bytes() {
        return bytes.clone();
    }

    /// One array with address and ciphertext, for places that keep a wrapped key outside the database. The layout is
    /// in `docs/spec/sealing.md`.
    public byte[] encode() {
        byte[] uri = kek.text().getBytes(StandardCharsets.US_ASCII);
        return ByteBuffer.allocate(1 + Short.BYTES + uri.length + bytes.length)
                .put(Wrapping.VERSION)
                .putShort((short) uri.length)
                .put(uri)
                .put(bytes)
                .array();
    }

    /// Reads what [#encode()] wrote.
    ///
    /// @throws IntegrityException if the bytes are not of that layout
    public static WrappedKey decode(byte[] encoded) {
        var in = ByteBuffer.wrap(encoded);
        if (encoded.length < 1 + Short.BYTES || encoded.length > MAX_ENCODED || in.get() != Wrapping.VERSION) {
            throw malformed(null);
        }
        int length = Short.toUnsignedInt(in.getShort());
        if (length >= in.remaining()) {
            throw malformed(null);
        }
        byte[] uri = new byte[length];
        in.get(uri);
        byte[] bytes = new byte[in.remaining()];
        in.get(bytes);
        try {
            return of(new KeyUri(new String(uri, StandardCharsets.US_ASCII)), bytes);
        } catch (RuntimeException refused) {
            throw malformed(refused);
        }
    }

    private static IntegrityException malformed(@Nullable Throwable cause) {
        return new IntegrityException(KeysError.WRAPPED_KEY_INVALID, "wrapped key has an unknown layout", cause);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof WrappedKey that && kek.equals(that.kek) && Arrays.equals(bytes, that.bytes);
    }

    @Override
    public int hashCode() {
        return 31 * kek.hashCode() + Arrays.hashCode(bytes);
    }

    @Override
    public String toString() {
        return "wrapped key under " + kek;
    }
}
