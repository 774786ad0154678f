package dev.sotto.audit;

import java.util.ArrayList;
import java.util.List;

/// Makes and checks Merkle proofs. Checking follows RFC 9162 sections 2.1.3.2 and 2.1.4.2.
final class MerkleProofs {
    private MerkleProofs() {}

    /// The roots of complete aligned subtrees.
    interface Nodes {
        /// The tree hash over the leaves `[index << height, (index + 1) << height)`.
        MerkleHash node(int height, long index);
    }

    static boolean includes(InclusionProof proof, MerkleHash leaf, MerkleHash root) {
        long place = proof.sequence();
        long last = proof.treeSize() - 1;
        if (place < 0 || place > last) {
            return false;
        }
        MerkleHash hash = leaf;
        for (MerkleHash sibling : proof.path()) {
            if (last == 0) {
                return false;
            }
            if ((place & 1) == 1 || place == last) {
                hash = MerkleTree.node(sibling, hash);
                while (place != 0 && (place & 1) == 0) {
                    place >>>= 1;
                    last >>>= 1;
                }
            } else {
                hash = MerkleTree.node(hash, sibling);
            }
            place >>>= 1;
            last >>>= 1;
        }
        return last == 0 && hash.equals(root);
    }

    static boolean continues(ConsistencyProof proof, MerkleHash older, MerkleHash newer) {
        if (proof.from() < 1 || proof.from() > proof.to()) {
            return false;
        }
        if (proof.from() == proof.to()) {
            return proof.path().isEmpty() && older.equals(newer);
        }
        List<MerkleHash> path = new ArrayList<>(proof.path());
        if (path.isEmpty()) {
            return false;
        }
        if (Long.bitCount(proof.from()) == 1) {
            path.addFirst(older);
        }
        long place = proof.from() - 1;
        long last = proof.to() - 1;
        while ((place & 1) == 1) {
            place >>>= 1;
            last >>>= 1;
        }
        MerkleHash first = path.getFirst();
        MerkleHash second = path.getFirst();
        for (MerkleHash sibling : path.subList(1, path.size())) {
            if (last == 0) {
                return false;
            }
            if ((place & 1) == 1 || place == last) {
                first = MerkleTree.node(sibling, first);
                second = MerkleTree.node(sibling, second);
                while (place != 0 && (place & 1) == 0) {
                    place >>>= 1;
                    last >>>= 1;
                }
            } else {
                second = MerkleTree.node(second, sibling);
            }
            place >>>= 1;
            last >>>= 1;
        }
        return last == 0 && first.equals(older) && second.equals(newer);
    }

    /// `PATH(sequence, D[treeSize])` of RFC 9162 section 2.1.3.1.
    static InclusionProof inclusion(Nodes nodes, long sequence, long treeSize) {
        List<MerkleHash> path = new ArrayList<>();
        long low = 0;
        long high = treeSize;
        while (high - low > 1) {
            long middle = low + largestPowerBelow(high - low);
            if (sequence < middle) {
                path.addFirst(root(nodes, middle, high));
                high = middle;
            } else {
                path.addFirst(root(nodes, low, middle));
                low = middle;
            }
        }
        return new InclusionProof(sequence, treeSize, path);
    }

    /// `PROOF(from, D[to])` of RFC 9162 section 2.1.4.1.
    static ConsistencyProof consistency(Nodes nodes, long from, long to) {
        List<MerkleHash> path = new ArrayList<>();
        long low = 0;
        long high = to;
        boolean known = true; // the verifier knows the root of D[low:from] as the older tree's
        while (from != high) {
            long middle = low + largestPowerBelow(high - low);
            if (from <= middle) {
                path.addFirst(root(nodes, middle, high));
                high = middle;
            } else {
                path.addFirst(root(nodes, low, middle));
                low = middle;
                known = false;
            }
        }
        if (!known) {
            path.addFirst(root(nodes, low, high));
        }
        return new ConsistencyProof(from, to, path);
    }

    /// The tree hash of `D[low:high]`, where `low` is a multiple of the largest power of two below `high -
    /// low`.
    static MerkleHash root(Nodes nodes, long low, long high) {
        if (high == low) {
            return MerkleTree.empty();
        }
        List<MerkleHash> subtrees = new ArrayList<>();
        long at = low;
        while (at < high) {
            int height = Long.SIZE - 1 - Long.numberOfLeadingZeros(high - at);
            subtrees.add(nodes.node(height, at >>> height));
            at += 1L << height;
        }
        MerkleHash root = subtrees.getLast();
        for (int i = subtrees.size() - 2; i >= 0; i--) {
            root = MerkleTree.node(subtrees.get(i), root);
        }
        return root;
    }

    private static long largestPowerBelow(long count) {
        return Long.highestOneBit(count - 1);
    }
}
