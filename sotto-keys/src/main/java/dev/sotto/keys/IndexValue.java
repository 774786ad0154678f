package dev.sotto.keys;

import static java.util.Objects.requireNonNull;

import java.util.Arrays;
import java.util.UUID;

/// A keyed hash by which equal values are found, and the key it was computed under: a row keeps both. Immutable.
public final class IndexValue {
    private final UUID key;
    private final byte[] bytes;

    IndexValue(UUID key, byte[] bytes) {
        this.key = requireNonNull(key, "key");
        this.bytes = bytes.clone();
    }

    /// The id of the version of the index key.
    public UUID key() {
        return key;
    }

    /// A copy of the hash, [BlindIndex#LENGTH] bytes.
    public byte[] bytes() {
        return bytes.clone();
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof IndexValue that && key.equals(that.key) && Arrays.equals(bytes, that.bytes);
    }

    @Override
    public int hashCode() {
        return 31 * key.hashCode() + Arrays.hashCode(bytes);
    }

    /// Names the key only.
    @Override
    public String toString() {
        return "index value under " + key;
    }
}
