package dev.sotto.audit;

import java.util.List;

/// That an entry stands at its place in a tree. RFC 9162 section 2.1.3.
///
/// @param sequence the entry's place, from zero
/// @param treeSize how many entries the tree has
/// @param path hashes from the leaf's sibling up to the root's child
public record InclusionProof(long sequence, long treeSize, List<MerkleHash> path) {
    public InclusionProof {
        path = List.copyOf(path);
    }

    /// Whether this proves that `leaf` is in the tree with this `root`.
    public ProofCheck check(MerkleHash leaf, MerkleHash root) {
        return MerkleProofs.includes(this, leaf, root) ? ProofCheck.HOLDS : ProofCheck.FAILS;
    }
}
