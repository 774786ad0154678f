package dev.sotto.audit;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/// 256 neighbouring hashes of a tree: a complete tile of C2SP tlog-tiles. Level 0 holds leaf hashes; above it,
/// each hash is the root of a complete tile one level below.
record Tile(int level, long index, List<MerkleHash> hashes) {
    static final int WIDTH = 256;
    static final int HEIGHT = 8;

    Tile {
        hashes = List.copyOf(hashes);
        if (hashes.size() != WIDTH) {
            throw new IllegalArgumentException("tile must have 256 hashes, not %d".formatted(hashes.size()));
        }
    }

    /// The size of the tree that completes this tile.
    long completedAt() {
        return (index + 1) << (HEIGHT * (level + 1));
    }

    MerkleHash root() {
        return MerkleTree.root(hashes);
    }

    byte[] bytes() {
        ByteBuffer out = ByteBuffer.allocate(WIDTH * MerkleHash.SIZE_BYTES);
        hashes.forEach(hash -> out.put(hash.bytes()));
        return out.array();
    }

    static List<MerkleHash> split(byte[] hashes) {
        List<MerkleHash> split = new ArrayList<>(hashes.length / MerkleHash.SIZE_BYTES);
        ByteBuffer in = ByteBuffer.wrap(hashes);
        while (in.remaining() >= MerkleHash.SIZE_BYTES) {
            byte[] hash = new byte[MerkleHash.SIZE_BYTES];
            in.get(hash);
            split.add(MerkleHash.owning(hash));
        }
        return split;
    }
}
