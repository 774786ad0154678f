package dev.sotto.audit;

import java.util.ArrayList;
import java.util.List;

/// The roots of the complete subtrees that a growing tree falls into, from left to right: what is needed to
/// know its root and nothing more. Holds at most 63 hashes. Not thread-safe.
final class CompactRange {
    private final List<MerkleHash> roots;
    private long size;

    CompactRange() {
        this.roots = new ArrayList<>();
    }

    private CompactRange(CompactRange other) {
        this.roots = new ArrayList<>(other.roots);
        this.size = other.size;
    }

    /// That of the first `size` leaves of a stored tree.
    static CompactRange load(MerkleProofs.Nodes nodes, long size) {
        CompactRange range = new CompactRange();
        for (long rest = size, at = 0; rest > 0; ) {
            int height = Long.SIZE - 1 - Long.numberOfLeadingZeros(rest);
            range.roots.addLast(nodes.node(height, at >>> height));
            at += 1L << height;
            rest -= 1L << height;
        }
        range.size = size;
        return range;
    }

    CompactRange copy() {
        return new CompactRange(this);
    }

    long size() {
        return size;
    }

    void append(MerkleHash leaf) {
        MerkleHash merged = leaf;
        for (long rest = size; (rest & 1) == 1; rest >>>= 1) {
            merged = MerkleTree.node(roots.removeLast(), merged);
        }
        roots.addLast(merged);
        size++;
    }

    MerkleHash root() {
        if (roots.isEmpty()) {
            return MerkleTree.empty();
        }
        MerkleHash root = roots.getLast();
        for (int i = roots.size() - 2; i >= 0; i--) {
            root = MerkleTree.node(roots.get(i), root);
        }
        return root;
    }
}
