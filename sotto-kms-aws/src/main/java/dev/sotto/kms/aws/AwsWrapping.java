package dev.sotto.kms.aws;

import static java.nio.charset.StandardCharsets.US_ASCII;

import dev.sotto.core.IntegrityException;
import dev.sotto.keys.KeyUri;
import dev.sotto.keys.KeysError;
import dev.sotto.keys.WrappedKey;
import java.nio.ByteBuffer;

/// What a wrapped key holds: a version byte, the length of an ARN in two bytes, the ARN of the key that AWS used, and
/// the ciphertext of AWS. The ARN is there because an alias may come to mean another key. Altering it makes AWS refuse.
final class AwsWrapping {
    /// The most that AWS accepts.
    static final int MAX_CIPHERTEXT = 6144;

    private static final byte VERSION = 1;
    private static final int HEAD = 1 + Short.BYTES;

    private final AwsKeyName key;
    private final byte[] ciphertext;

    /// @param key the key that AWS used, never an alias
    /// @param ciphertext not copied
    AwsWrapping(AwsKeyName key, byte[] ciphertext) {
        this.key = key;
        this.ciphertext = ciphertext;
    }

    AwsKeyName key() {
        return key;
    }

    /// Not a copy.
    byte[] ciphertext() {
        return ciphertext;
    }

    WrappedKey under(KeyUri kek) {
        byte[] arn = key.arn().getBytes(US_ASCII);
        return WrappedKey.of(
                kek,
                ByteBuffer.allocate(HEAD + arn.length + ciphertext.length)
                        .put(VERSION)
                        .putShort((short) arn.length)
                        .put(arn)
                        .put(ciphertext)
                        .array());
    }

    /// @throws IntegrityException if the bytes are of another layout
    static AwsWrapping read(WrappedKey wrapped) {
        var in = ByteBuffer.wrap(wrapped.bytes());
        if (in.remaining() <= HEAD || in.get() != VERSION) {
            throw refused();
        }
        int length = Short.toUnsignedInt(in.getShort());
        if (length >= in.remaining() || in.remaining() - length > MAX_CIPHERTEXT) {
            throw refused();
        }
        byte[] arn = new byte[length];
        in.get(arn);
        byte[] ciphertext = new byte[in.remaining()];
        in.get(ciphertext);
        var key = AwsKeyName.parse(new String(arn, US_ASCII)).orElseThrow(AwsWrapping::refused);
        return new AwsWrapping(key, ciphertext);
    }

    static IntegrityException refused() {
        return new IntegrityException(KeysError.WRAPPED_KEY_INVALID, "wrapped key did not open");
    }
}
