package dev.sotto.keys;

/// How often a key was used, and for how much.
///
/// @param wraps keys that were wrapped under it
/// @param seals values and streams sealed below it, or hashes made with it
/// @param opens values and streams opened below it
/// @param unwraps keys unwrapped with it
/// @param bytes of plaintext sealed below it
public record KeyUse(long wraps, long seals, long opens, long unwraps, long bytes) {
    static final KeyUse NONE = new KeyUse(0, 0, 0, 0, 0);

    KeyUse plus(KeyUse other) {
        return new KeyUse(
                wraps + other.wraps,
                seals + other.seals,
                opens + other.opens,
                unwraps + other.unwraps,
                bytes + other.bytes);
    }

    /// All acts with the key.
    public long acts() {
        return wraps + seals + opens + unwraps;
    }
}
