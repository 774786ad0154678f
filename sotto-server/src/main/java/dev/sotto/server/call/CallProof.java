package dev.sotto.server.call;

import dev.sotto.audit.AuditEntry;
import dev.sotto.audit.EntryBytes;
import dev.sotto.audit.EntryCheck;
import dev.sotto.audit.InclusionProof;
import dev.sotto.audit.MerkleHash;
import dev.sotto.audit.SignedCheckpoint;
import dev.sotto.audit.TrustedKeys;
import dev.sotto.core.CallId;
import dev.sotto.core.RejectedException;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/// Checks what a node says about a call's audit entries, against keys this machine trusted before, not against
/// anything the node says of itself: each entry's bytes are hashed here, and what the node says of it must be what
/// those bytes say.
sealed interface CallProof {
    /// Each entry is in the tree of a checkpoint that the trusted keys signed, and says what the node says it does.
    record Proven(int entries) implements CallProof {}

    /// Something is missing or wrong; `why` is one lower-case phrase.
    record Unproven(int entries, String why) implements CallProof {}

    int entries();

    /// Checks all of them.
    ///
    /// @param keys of the log, as this machine keeps them
    /// @param tenant whose entries they must be
    /// @param call that they must be about
    static CallProof check(NodeApi.Entries audit, TrustedKeys keys, String tenant, CallId call) {
        int count = audit.entries().size();
        try {
            String why = fault(audit, keys, new Subject(tenant, "call/" + call));
            return why.isEmpty() ? new Proven(count) : new Unproven(count, why);
        } catch (RejectedException | IllegalArgumentException malformed) {
            return new Unproven(count, "the node's proof is malformed");
        }
    }

    /// What entries must be about.
    record Subject(String tenant, String resource) {
        boolean is(AuditEntry entry) {
            return entry.tenant().toString().equals(tenant)
                    && entry.body()
                            .filter(body -> body.resource().equals(resource))
                            .isPresent();
        }
    }

    private static String fault(NodeApi.Entries audit, TrustedKeys keys, Subject subject) {
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
            String fault = fault(entry, head, subject);
            if (!fault.isEmpty()) {
                return "entry %d %s".formatted(entry.sequence(), fault);
            }
        }
        return "";
    }

    private static String fault(NodeApi.Entry told, SignedCheckpoint head, Subject subject) {
        List<String> path = told.path();
        Long size = told.treeSize();
        if (path == null || size == null) {
            return "is not covered by a checkpoint yet";
        }
        if (size != head.checkpoint().size()) {
            return "is proven in another tree";
        }
        var bytes = EntryBytes.of(
                told.sequence(),
                Base64.getDecoder().decode(told.header()),
                Optional.ofNullable(told.body()).map(Base64.getDecoder()::decode),
                hash(told.bodyHash()));
        var proof = new InclusionProof(
                told.sequence(), size, path.stream().map(CallProof::hash).toList());
        return switch (EntryCheck.of(bytes, Optional.of(proof), Optional.of(head.checkpoint()))) {
            case EntryCheck.Broken(long _, EntryCheck.Fault fault) -> words(fault);
            case EntryCheck.Unsigned _ -> "is not covered by a checkpoint yet";
            case EntryCheck.Proven(AuditEntry entry) -> {
                if (entry.body().isEmpty()) {
                    yield words(EntryCheck.Fault.BODY_MISSING);
                }
                if (!subject.is(entry)) {
                    yield words(EntryCheck.Fault.ELSEWHERE);
                }
                yield says(told, entry) ? "" : "does not say what the node says it does";
            }
        };
    }

    private static String words(EntryCheck.Fault fault) {
        return switch (fault) {
            case BODY_ALTERED -> "has a body that is not the recorded one";
            case NOT_IN_TREE -> "is not in the tree that was signed";
            case UNREADABLE -> "cannot be read";
            case ELSEWHERE -> "is about something else";
            case BODY_MISSING -> "has lost its body";
        };
    }

    private static boolean says(NodeApi.Entry told, AuditEntry entry) {
        AuditEntry.Body body = entry.body().orElseThrow();
        Map<String, String> details = told.details();
        return entry.at().equals(told.at())
                && entry.type().equals(told.type())
                && entry.actor().toString().equals(told.actor())
                && body.resource().equals(told.resource())
                && Objects.equals(body.details(), details);
    }

    private static MerkleHash hash(String hex) {
        return MerkleHash.of(HexFormat.of().parseHex(hex));
    }
}
