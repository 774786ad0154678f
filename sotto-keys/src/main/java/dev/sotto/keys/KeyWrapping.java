package dev.sotto.keys;

import dev.sotto.core.IntegrityException;
import java.security.SecureRandom;

/// Wraps a data key under another data key of this process, bound to its context: for adapters of key services whose
/// own wrapping takes no associated data, which then wrap the other key. The layout is that of keys under keys in
/// `docs/spec/sealing.md`: a version byte and a Cobblestone-256 message, which commits to its key.
public final class KeyWrapping {
    /// The length of what [#wrap] gives, in bytes.
    public static final int LENGTH = Wrapping.LENGTH;

    private KeyWrapping() {}

    /// Both keys stay the caller's.
    public static byte[] wrap(DataKey under, DataKey key, EncryptionContext context, SecureRandom random) {
        return Wrapping.wrap(under, key, context, random);
    }

    /// The caller closes the key.
    ///
    /// @throws IntegrityException if `wrapped` was altered, or is bound to another key or context
    public static DataKey unwrap(DataKey under, byte[] wrapped, EncryptionContext context) {
        return Wrapping.unwrap(under, wrapped, context);
    }
}
