package dev.sotto.server.web;

import dev.sotto.audit.AuditEntry;
import dev.sotto.audit.AuditLog;
import dev.sotto.audit.AuditQuery;
import dev.sotto.audit.Checkpoint;
import dev.sotto.audit.EntryBytes;
import dev.sotto.audit.EntryCheck;
import dev.sotto.audit.InclusionProof;
import dev.sotto.audit.SignedCheckpoint;
import dev.sotto.core.CallId;
import dev.sotto.core.IntegrityException;
import dev.sotto.core.TenantId;
import dev.sotto.server.node.NodeServices;
import java.util.List;
import java.util.Optional;

/// The log's entries about one call: the stored bytes of each, what they say, and whether a signed checkpoint covers
/// exactly them. What is shown of an entry comes from the bytes that were hashed, so that no text stands beside a
/// proof of something else. That none is missing is not proven here; reading the whole log does.
///
/// @param checkpoint the signed head the proofs lead to, if there is one yet
/// @param truncated whether the call has more entries than are shown
record CallProofs(List<Shown> entries, Optional<SignedCheckpoint> checkpoint, boolean truncated) {
    private static final int MAX_ENTRIES = 500;

    /// An entry's bytes, its proof, which is empty for one that is newer than the checkpoint, and what both amount to.
    record Shown(EntryBytes bytes, Optional<InclusionProof> proof, EntryCheck check) {
        /// What the entry says; empty if it must not be believed.
        Optional<AuditEntry> entry() {
            return switch (check) {
                case EntryCheck.Proven(AuditEntry entry) -> Optional.of(entry);
                case EntryCheck.Unsigned(AuditEntry entry) -> Optional.of(entry);
                case EntryCheck.Broken _ -> Optional.empty();
            };
        }

        boolean proven() {
            return check instanceof EntryCheck.Proven;
        }

        boolean broken() {
            return check instanceof EntryCheck.Broken;
        }
    }

    static CallProofs of(NodeServices services, TenantId tenant, CallId call) {
        AuditLog log = services.audit();
        List<EntryBytes> entries =
                log.bytes(AuditQuery.first(MAX_ENTRIES).tenant(tenant).resource("call", call));
        // The checkpoint is read after the entries, so that it covers as many of them as it can.
        Optional<SignedCheckpoint> checkpoint = log.latestCheckpoint()
                .filter(head -> head.check(services.trustedKeys()) instanceof SignedCheckpoint.Check.Signed);
        Optional<Checkpoint> head = checkpoint.map(SignedCheckpoint::checkpoint);
        List<Shown> shown = entries.stream()
                .map(bytes -> shown(log, bytes, head, tenant, "call/" + call))
                .toList();
        return new CallProofs(shown, checkpoint, entries.size() == MAX_ENTRIES);
    }

    private static Shown shown(
            AuditLog log, EntryBytes bytes, Optional<Checkpoint> head, TenantId tenant, String resource) {
        Shown found = checked(log, bytes, head);
        return found.entry()
                .flatMap(entry -> misfiled(log, entry, head, tenant, resource))
                .map(fault -> new Shown(bytes, found.proof(), new EntryCheck.Broken(bytes.sequence(), fault)))
                .orElse(found);
    }

    private static Shown checked(AuditLog log, EntryBytes bytes, Optional<Checkpoint> head) {
        Optional<InclusionProof> proof =
                head.filter(signed -> bytes.sequence() < signed.size()).flatMap(signed -> proof(log, bytes, signed));
        return new Shown(bytes, proof, EntryCheck.of(bytes, proof, head));
    }

    private static Optional<InclusionProof> proof(AuditLog log, EntryBytes bytes, Checkpoint head) {
        try {
            return Optional.of(log.prove(bytes.sequence(), head.size()));
        } catch (IntegrityException _) {
            return Optional.empty(); // hashes that it needs are gone: the check says that it is not in the tree
        }
    }

    /// Entries are found by columns that stand beside their bytes; the bytes decide.
    private static Optional<EntryCheck.Fault> misfiled(
            AuditLog log, AuditEntry entry, Optional<Checkpoint> head, TenantId tenant, String resource) {
        if (entry.body().isEmpty()) {
            return erased(log, entry.sequence(), head) ? Optional.empty() : Optional.of(EntryCheck.Fault.BODY_MISSING);
        }
        boolean here =
                entry.tenant().equals(tenant) && entry.body().get().resource().equals(resource);
        return here ? Optional.empty() : Optional.of(EntryCheck.Fault.ELSEWHERE);
    }

    private static boolean erased(AuditLog log, long sequence, Optional<Checkpoint> head) {
        return log.bytes(AuditQuery.first(1).type("audit.erase").resource("entry", sequence)).stream()
                .map(bytes -> checked(log, bytes, head))
                .filter(Shown::proven)
                .flatMap(shown -> shown.entry().stream())
                .anyMatch(entry -> entry.type().equals("audit.erase")
                        && entry.body()
                                .filter(body -> body.resource().equals("entry/" + sequence))
                                .isPresent());
    }

    CallView.Proof summary() {
        return new CallView.Proof(
                entries.size(),
                (int) entries.stream().filter(Shown::proven).count(),
                entries.stream()
                        .filter(Shown::broken)
                        .map(shown -> shown.bytes().sequence())
                        .toList(),
                checkpoint.map(head -> head.checkpoint().size()).orElse(0L));
    }
}
