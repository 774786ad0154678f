package dev.sotto.audit;

import java.security.MessageDigest;
import java.util.Base64;
import java.util.HexFormat;

/// A SHA-256 value in a Merkle tree: of a leaf, of a node or of a whole tree. Immutable.
public final class MerkleHash {
    public static final int SIZE_BYTES = 32;

    private final byte[] bytes;

    private MerkleHash(byte[] bytes) {
        this.bytes = bytes;
    }

    /// Copies `bytes`.
    ///
    /// @throws IllegalArgumentException if they are not 32
    public static MerkleHash of(byte[] bytes) {
        if (bytes.length != SIZE_BYTES) {
            throw new IllegalArgumentException("hash must have 32 bytes, not %d".formatted(bytes.length));
        }
        return new MerkleHash(bytes.clone());
    }

    /// Takes over `bytes`, which the caller must not keep.
    static MerkleHash owning(byte[] bytes) {
        return new MerkleHash(bytes);
    }

    /// A copy.
    public byte[] bytes() {
        return bytes.clone();
    }

    void update(MessageDigest digest) {
        digest.update(bytes);
    }

    /// RFC 4648 section 4, as checkpoints write it.
    public String base64() {
        return Base64.getEncoder().encodeToString(bytes);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof MerkleHash that && MessageDigest.isEqual(bytes, that.bytes);
    }

    @Override
    public int hashCode() {
        return (bytes[0] & 0xff) << 24 | (bytes[1] & 0xff) << 16 | (bytes[2] & 0xff) << 8 | (bytes[3] & 0xff);
    }

    /// Lower-case hex.
    @Override
    public String toString() {
        return HexFormat.of().formatHex(bytes);
    }
}
