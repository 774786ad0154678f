package dev.sotto.kms.azure;

import dev.sotto.core.IntegrityException;
import dev.sotto.keys.DataKey;
import dev.sotto.keys.KeyUri;
import dev.sotto.keys.KeyWrapping;
import dev.sotto.keys.KeysError;
import dev.sotto.keys.WrappedKey;
import java.nio.ByteBuffer;

/// What a wrapped key holds: a version byte, the code of its [AzureKeyKind], and
///
/// - of a Managed HSM: nonce (12 bytes), tag (16), ciphertext (32);
/// - of an RSA key: the length of its ciphertext (2 bytes), its ciphertext, and what [KeyWrapping] made.
sealed interface AzureWrapping {
    byte VERSION = 1;
    int HEAD = 2;

    WrappedKey under(KeyUri kek);

    /// Encrypted by a Managed HSM. The arrays are not copied.
    final class Gcm implements AzureWrapping {
        static final int NONCE = 12;
        static final int TAG = 16;

        final byte[] nonce;
        final byte[] tag;
        final byte[] ciphertext;

        Gcm(byte[] nonce, byte[] tag, byte[] ciphertext) {
            this.nonce = nonce;
            this.tag = tag;
            this.ciphertext = ciphertext;
        }

        @Override
        public WrappedKey under(KeyUri kek) {
            return WrappedKey.of(
                    kek,
                    ByteBuffer.allocate(HEAD + NONCE + TAG + DataKey.LENGTH)
                            .put(VERSION)
                            .put(AzureKeyKind.MANAGED_HSM_AES.code())
                            .put(nonce)
                            .put(tag)
                            .put(ciphertext)
                            .array());
        }
    }

    /// A one-time key under RSA, and the data key under that. The arrays are not copied.
    final class Rsa implements AzureWrapping {
        static final int MAX_CIPHERTEXT = 1024;

        final byte[] oneTimeKey;
        final byte[] dataKey;

        Rsa(byte[] oneTimeKey, byte[] dataKey) {
            this.oneTimeKey = oneTimeKey;
            this.dataKey = dataKey;
        }

        @Override
        public WrappedKey under(KeyUri kek) {
            return WrappedKey.of(
                    kek,
                    ByteBuffer.allocate(HEAD + Short.BYTES + oneTimeKey.length + dataKey.length)
                            .put(VERSION)
                            .put(AzureKeyKind.VAULT_RSA_UNAUTHENTICATED.code())
                            .putShort((short) oneTimeKey.length)
                            .put(oneTimeKey)
                            .put(dataKey)
                            .array());
        }
    }

    /// Reads what [#under] wrote.
    ///
    /// @param kind what the configuration says of the vault: the bytes do not choose
    /// @throws IntegrityException if the bytes are of another layout or kind
    static AzureWrapping read(WrappedKey wrapped, AzureKeyKind kind) {
        var in = ByteBuffer.wrap(wrapped.bytes());
        if (in.remaining() <= HEAD + Short.BYTES || in.get() != VERSION || in.get() != kind.code()) {
            throw refused();
        }
        return switch (kind) {
            case MANAGED_HSM_AES -> {
                if (in.remaining() != Gcm.NONCE + Gcm.TAG + DataKey.LENGTH) {
                    throw refused();
                }
                yield new Gcm(next(in, Gcm.NONCE), next(in, Gcm.TAG), next(in, DataKey.LENGTH));
            }
            case VAULT_RSA_UNAUTHENTICATED -> {
                int length = Short.toUnsignedInt(in.getShort());
                if (length == 0 || length > Rsa.MAX_CIPHERTEXT || in.remaining() != length + KeyWrapping.LENGTH) {
                    throw refused();
                }
                yield new Rsa(next(in, length), next(in, KeyWrapping.LENGTH));
            }
        };
    }

    private static byte[] next(ByteBuffer in, int length) {
        byte[] bytes = new byte[length];
        in.get(bytes);
        return bytes;
    }

    static IntegrityException refused() {
        return new IntegrityException(KeysError.WRAPPED_KEY_INVALID, "wrapped key did not open");
    }
}
