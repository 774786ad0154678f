package dev.sotto.server.call;

import dev.sotto.audit.InclusionProof;
import dev.sotto.audit.MerkleHash;
import dev.sotto.audit.ProofCheck;
import dev.sotto.audit.SignedCheckpoint;
import dev.sotto.audit.TrustedKeys;
import dev.sotto.core.RejectedException;
import java.util.HexFormat;
import java.util.List;

/// Checks what a node says about a call's audit entries, against keys this machine trusted before, not against
/// anything the node says of itself.
sealed interface CallProof {
    /// Each entry is in the tree of a checkpoint that the trusted keys signed.
    record Proven(int entries) implements CallProof {}

    /// Something is missing or wrong; `why` is one lower-case phrase.
    record Unproven(int entries, String why) implements CallProof {}

    int entries();

    /// Checks all of them.
    ///
    /// @param keys of the log, as this machine keeps them
    static CallProof check(NodeApi.Entries audit, TrustedKeys keys) {
        int count = audit.entries().size();
        try {
            String why = fault(audit, keys);
            return why.isEmpty() ? new Proven(count) : new Unproven(count, why);
        } catch (RejectedException | IllegalArgumentException malformed) {
            return new Unproven(count, "the node's proof is malformed");
        }
    }

    private static String fault(NodeApi.Entries audit, TrustedKeys keys) {
        if (audit.entries().isEmpty()) {
            return "the log says nothing about this call";
        }
        if (audit.truncated()) {
            return "the call has more entries than the node shows";
        }
        String note = audit.checkpoint();
        if (note == null) {
            return "there is no signed checkpoint yet";
        }
        SignedCheckpoint head = SignedCheckpoint.parse(note);
        if (head.check(keys) instanceof SignedCheckpoint.Check.Refused(String reason)) {
            return "the checkpoint must not be believed: " + reason;
        }
        long before = -1;
        for (NodeApi.Entry entry : audit.entries()) {
            if (entry.sequence() <= before) {
                return "entry %d is out of order".formatted(entry.sequence());
            }
            before = entry.sequence();
            String fault = fault(entry, head);
            if (!fault.isEmpty()) {
                return fault;
            }
        }
        return "";
    }

    private static String fault(NodeApi.Entry entry, SignedCheckpoint head) {
        List<String> path = entry.path();
        Long size = entry.treeSize();
        if (path == null || size == null) {
            return "entry %d is not covered by a checkpoint yet".formatted(entry.sequence());
        }
        if (size != head.checkpoint().size()) {
            return "entry %d is proven in another tree".formatted(entry.sequence());
        }
        var proof = new InclusionProof(
                entry.sequence(), size, path.stream().map(CallProof::hash).toList());
        return proof.check(hash(entry.leafHash()), head.checkpoint().root()) == ProofCheck.HOLDS
                ? ""
                : "entry %d is not in the tree that was signed".formatted(entry.sequence());
    }

    private static MerkleHash hash(String hex) {
        return MerkleHash.of(HexFormat.of().parseHex(hex));
    }
}
