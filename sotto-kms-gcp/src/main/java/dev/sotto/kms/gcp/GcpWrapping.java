package dev.sotto.kms.gcp;

import dev.sotto.core.IntegrityException;
import dev.sotto.keys.EncryptionContext;
import dev.sotto.keys.KeyUri;
import dev.sotto.keys.KeysError;
import dev.sotto.keys.WrappedKey;
import java.nio.ByteBuffer;

/// What a wrapped key holds: a version byte, the number of the key version that wrapped it in four bytes, and the
/// ciphertext of Google. The number is part of the associated data.
final class GcpWrapping {
    private static final byte VERSION = 1;
    private static final int HEAD = 1 + Integer.BYTES;
    private static final int MAX_CIPHERTEXT = 8 * 1024;

    private final int keyVersion;
    private final byte[] ciphertext;

    /// @param ciphertext not copied
    GcpWrapping(int keyVersion, byte[] ciphertext) {
        this.keyVersion = keyVersion;
        this.ciphertext = ciphertext;
    }

    static boolean fits(byte[] ciphertext) {
        return ciphertext.length > 0 && ciphertext.length <= MAX_CIPHERTEXT;
    }

    /// The associated data of the context, then the number of the key version in four bytes.
    static byte[] associatedData(EncryptionContext context, int keyVersion) {
        byte[] ofContext = context.associatedData();
        return ByteBuffer.allocate(ofContext.length + Integer.BYTES)
                .put(ofContext)
                .putInt(keyVersion)
                .array();
    }

    int keyVersion() {
        return keyVersion;
    }

    /// Not a copy.
    byte[] ciphertext() {
        return ciphertext;
    }

    WrappedKey under(KeyUri kek) {
        return WrappedKey.of(
                kek,
                ByteBuffer.allocate(HEAD + ciphertext.length)
                        .put(VERSION)
                        .putInt(keyVersion)
                        .put(ciphertext)
                        .array());
    }

    /// @throws IntegrityException if the bytes are of another layout
    static GcpWrapping read(WrappedKey wrapped) {
        var in = ByteBuffer.wrap(wrapped.bytes());
        if (in.remaining() <= HEAD || in.get() != VERSION) {
            throw refused();
        }
        int keyVersion = in.getInt();
        byte[] ciphertext = new byte[in.remaining()];
        in.get(ciphertext);
        if (!fits(ciphertext)) {
            throw refused();
        }
        return new GcpWrapping(keyVersion, ciphertext);
    }

    static IntegrityException refused() {
        return new IntegrityException(KeysError.WRAPPED_KEY_INVALID, "wrapped key did not open");
    }
}
