package dev.sotto.audit;

import java.util.List;

/// That a tree continues an older one. RFC 9162 section 2.1.4.
///
/// @param from size of the older tree, at least 1: every tree continues the empty one
/// @param to size of the newer tree
public record ConsistencyProof(long from, long to, List<MerkleHash> path) {
    public ConsistencyProof {
        path = List.copyOf(path);
    }

    /// Whether this proves that the tree with root `newer` continues the one with root `older`.
    public ProofCheck check(MerkleHash older, MerkleHash newer) {
        return MerkleProofs.continues(this, older, newer) ? ProofCheck.HOLDS : ProofCheck.FAILS;
    }
}
