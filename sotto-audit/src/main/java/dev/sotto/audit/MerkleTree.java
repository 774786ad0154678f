package dev.sotto.audit;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.List;

/// The hashes of RFC 6962 section 2.1 (RFC 9162 section 2.1.1) over SHA-256.
final class MerkleTree {
    private static final byte LEAF = 0;
    private static final byte NODE = 1;

    private MerkleTree() {}

    /// `SHA-256(0x00 || part || part ...)`.
    static MerkleHash leaf(byte[]... parts) {
        MessageDigest digest = sha256();
        digest.update(LEAF);
        for (byte[] part : parts) {
            digest.update(part);
        }
        return MerkleHash.owning(digest.digest());
    }

    /// `SHA-256(0x01 || left || right)`.
    static MerkleHash node(MerkleHash left, MerkleHash right) {
        MessageDigest digest = sha256();
        digest.update(NODE);
        left.update(digest);
        right.update(digest);
        return MerkleHash.owning(digest.digest());
    }

    /// The root of no leaves.
    static MerkleHash empty() {
        return MerkleHash.owning(sha256().digest());
    }

    /// The tree hash over hashes that are themselves the roots of equally large complete trees (or leaf
    /// hashes).
    static MerkleHash root(List<MerkleHash> hashes) {
        CompactRange range = new CompactRange();
        hashes.forEach(range::append);
        return range.root();
    }

    static byte[] sha256(byte[]... parts) {
        MessageDigest digest = sha256();
        for (byte[] part : parts) {
            digest.update(part);
        }
        return digest.digest();
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException missing) {
            throw new IllegalStateException("every JVM has SHA-256", missing);
        }
    }
}
