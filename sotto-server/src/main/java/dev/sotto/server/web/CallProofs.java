package dev.sotto.server.web;

import dev.sotto.audit.AuditEntry;
import dev.sotto.audit.AuditLog;
import dev.sotto.audit.AuditQuery;
import dev.sotto.audit.InclusionProof;
import dev.sotto.audit.ProofCheck;
import dev.sotto.audit.SignedCheckpoint;
import dev.sotto.core.CallId;
import dev.sotto.core.TenantId;
import dev.sotto.server.node.NodeServices;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// The log's entries about one call, each with the proof that a signed checkpoint covers it.
///
/// @param checkpoint the signed head the proofs lead to, if there is one yet
/// @param truncated whether the call has more entries than are shown
record CallProofs(List<Proven> entries, Optional<SignedCheckpoint> checkpoint, boolean truncated) {
    private static final int MAX_ENTRIES = 500;

    /// An entry and its proof; empty for one that is newer than the checkpoint.
    record Proven(AuditEntry entry, Optional<InclusionProof> proof, boolean holds) {}

    static CallProofs of(NodeServices services, TenantId tenant, CallId call) {
        AuditLog log = services.audit();
        List<AuditEntry> entries =
                log.entries(AuditQuery.first(MAX_ENTRIES).tenant(tenant).resource("call", call));
        // The checkpoint is read after the entries, so that it covers as many of them as it can.
        Optional<SignedCheckpoint> checkpoint = log.latestCheckpoint()
                .filter(head -> head.check(services.trustedKeys()) instanceof SignedCheckpoint.Check.Signed);
        List<Proven> proven = new ArrayList<>();
        for (AuditEntry entry : entries) {
            Optional<InclusionProof> proof = checkpoint
                    .filter(head -> entry.sequence() < head.checkpoint().size())
                    .map(head -> log.prove(entry.sequence(), head.checkpoint().size()));
            boolean holds = proof.isPresent()
                    && proof.get()
                                    .check(
                                            entry.leafHash(),
                                            checkpoint
                                                    .orElseThrow()
                                                    .checkpoint()
                                                    .root())
                            == ProofCheck.HOLDS;
            proven.add(new Proven(entry, proof, holds));
        }
        return new CallProofs(proven, checkpoint, entries.size() == MAX_ENTRIES);
    }

    CallView.Proof summary() {
        int holding = (int) entries.stream().filter(Proven::holds).count();
        return new CallView.Proof(
                entries.size(),
                holding,
                checkpoint.map(head -> head.checkpoint().size()).orElse(0L));
    }

    boolean isWhole() {
        return !truncated && !entries.isEmpty() && entries.stream().allMatch(Proven::holds);
    }
}
