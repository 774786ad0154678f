package dev.sotto.audit;

import java.util.Arrays;

/// Exact bytes, as stored and hashed. Whoever makes one gives the array up; whoever reads one must not change
/// it.
final class Bytes {
    private final byte[] array;

    private Bytes(byte[] array) {
        this.array = array;
    }

    static Bytes owning(byte[] array) {
        return new Bytes(array);
    }

    byte[] array() {
        return array;
    }

    int size() {
        return array.length;
    }

    MerkleHash sha256() {
        return MerkleHash.owning(MerkleTree.sha256(array));
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Bytes that && Arrays.equals(array, that.array);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(array);
    }

    @Override
    public String toString() {
        return array.length + " bytes";
    }
}
