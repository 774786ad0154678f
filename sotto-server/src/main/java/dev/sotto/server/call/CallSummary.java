package dev.sotto.server.call;

import dev.sotto.audit.InclusionProof;
import dev.sotto.audit.MerkleHash;
import dev.sotto.audit.ProofCheck;
import dev.sotto.audit.SignedCheckpoint;
import dev.sotto.audit.TrustedKeys;
import dev.sotto.core.UnavailableException;
import dev.sotto.server.node.ServerError;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Predicate;
import tools.jackson.databind.JsonNode;

/// How a call ended and what proves it: its entries of the audit log are checked here, against the keys that this
/// machine trusts, not against what the node says of itself.
///
/// @param sealedBytes the size of the sealed recording; 0 if there is none
/// @param proven whether every entry stands in a log whose head a trusted key signed
record CallSummary(
        String callId, Duration length, int turns, String recording, long sealedBytes, int entries, boolean proven) {
    private static final Duration PATIENCE = Duration.ofSeconds(10);
    private static final Duration POLL = Duration.ofMillis(200);
    private static final int KIB = 1024;

    /// Waits, bounded, until the call is over, its recording sealed and its entries signed for.
    static CallSummary of(NodeClient node, String tenant, String callId) {
        String path = "/api/v1/calls/" + callId;
        JsonNode call = poll(
                node,
                path + "?turns=false&tenant=" + tenant,
                found -> "ended".equals(found.path("state").asString(""))
                        && !"writing"
                                .equals(found.path("recording").path("state").asString("")));
        JsonNode audit = poll(
                node,
                path + "/audit?tenant=" + tenant,
                found -> found.path("entries").valueStream().allMatch(entry -> entry.has("treeSize")));
        return new CallSummary(
                callId,
                Duration.ofMillis(call.path("lengthMillis").asLong()),
                call.path("turnCount").asInt(),
                call.path("recording").path("state").asString("none"),
                call.path("recording").path("sealedBytes").asLong(),
                audit.path("entries").size(),
                check(audit, node.access().trustedAuditKeys()));
    }

    private static JsonNode poll(NodeClient node, String path, Predicate<JsonNode> done) {
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        while (true) {
            JsonNode found = node.get(path);
            if (done.test(found) || System.nanoTime() >= deadline) {
                return found;
            }
            LockSupport.parkNanos(POLL.toNanos());
            if (Thread.currentThread().isInterrupted()) {
                throw new UnavailableException(ServerError.CALL_FAILED, "the call was interrupted");
            }
        }
    }

    /// Whether a checkpoint signed by `keys` covers every entry.
    static boolean check(JsonNode audit, TrustedKeys keys) {
        if (!audit.has("checkpoint")
                || audit.path("truncated").asBoolean()
                || audit.path("entries").isEmpty()) {
            return false;
        }
        SignedCheckpoint head = SignedCheckpoint.parse(audit.path("checkpoint").asString(""));
        if (!(head.check(keys) instanceof SignedCheckpoint.Check.Signed)) {
            return false;
        }
        for (JsonNode entry : audit.path("entries")) {
            if (entry.path("treeSize").asLong(-1) != head.checkpoint().size()
                    || proof(entry)
                                    .check(
                                            hash(entry.path("leafHash")),
                                            head.checkpoint().root())
                            != ProofCheck.HOLDS) {
                return false;
            }
        }
        return true;
    }

    private static InclusionProof proof(JsonNode entry) {
        List<MerkleHash> path = new ArrayList<>();
        entry.path("path").forEach(node -> path.add(hash(node)));
        return new InclusionProof(
                entry.path("sequence").asLong(), entry.path("treeSize").asLong(), path);
    }

    private static MerkleHash hash(JsonNode hex) {
        return MerkleHash.of(HexFormat.of().parseHex(hex.asString("")));
    }

    /// One line for people.
    String line() {
        String kept = switch (recording) {
            case "none" -> "no recording";
            case "sealed" -> "recording sealed (%d KiB)".formatted(Math.ceilDiv(sealedBytes, KIB));
            default -> "recording " + recording;
        };
        return "call %s: %d s · %d turns · %s · %d audit entries · %s"
                .formatted(callId, length.toSeconds(), turns, kept, entries, proven ? "verified" : "NOT verified");
    }
}
