package dev.sotto.keys;

import dev.sotto.core.IntegrityException;
import java.security.SecureRandom;
import java.util.Arrays;

/// How one key wraps another here: a version byte and a Cobblestone-256 message of the 32 key bytes, with the
/// associated data of the [EncryptionContext] as its context.
final class Wrapping {
    static final byte VERSION = 1;
    static final int LENGTH = 1 + Cobblestone.PREFIX_LENGTH + DataKey.LENGTH + Cobblestone.TAG_LENGTH;

    private Wrapping() {}

    static byte[] wrap(DataKey kek, DataKey key, EncryptionContext context, SecureRandom random) {
        byte[] kekBytes = kek.reveal();
        byte[] keyBytes = key.reveal();
        try {
            byte[] message = Cobblestone.sealMessage(kekBytes, random, context.associatedData(), keyBytes);
            byte[] out = new byte[LENGTH];
            out[0] = VERSION;
            System.arraycopy(message, 0, out, 1, message.length);
            return out;
        } finally {
            Arrays.fill(kekBytes, (byte) 0);
            Arrays.fill(keyBytes, (byte) 0);
        }
    }

    /// @throws IntegrityException with one message for every cause
    static DataKey unwrap(DataKey kek, byte[] wrapped, EncryptionContext context) {
        if (wrapped.length != LENGTH || wrapped[0] != VERSION) {
            throw refused();
        }
        byte[] kekBytes = kek.reveal();
        try {
            byte[] keyBytes =
                    Cobblestone.openMessage(kekBytes, context.associatedData(), Arrays.copyOfRange(wrapped, 1, LENGTH));
            try {
                return DataKey.copyOf(keyBytes);
            } finally {
                Arrays.fill(keyBytes, (byte) 0);
            }
        } catch (SealedDataException altered) {
            throw refused();
        } finally {
            Arrays.fill(kekBytes, (byte) 0);
        }
    }

    static IntegrityException refused() {
        return new IntegrityException(KeysError.WRAPPED_KEY_INVALID, "wrapped key did not open");
    }
}
