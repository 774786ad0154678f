package dev.sotto.server.web;

import dev.sotto.audit.Verification;
import dev.sotto.core.LimitedException;
import dev.sotto.keys.KeyStatus;
import dev.sotto.media.Lateness;
import dev.sotto.server.node.NodeGate;
import dev.sotto.server.node.ServerError;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import org.springframework.security.core.annotation.AuthenticationPrincipal;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RestController;

/// What tools on this machine ask a running node, with the operator token.
@RestController
final class OperatorApi {
    private final NodeGate gate;
    private final Semaphore verifying = new Semaphore(1);

    OperatorApi(NodeGate gate) {
        this.gate = gate;
    }

    /// A key, without any of its bytes.
    record Key(
            String id,
            String tenant,
            String level,
            String name,
            String tier,
            int version,
            String state,
            String algorithm,
            long ageSeconds,
            long recordKeys) {
        static Key of(KeyStatus status) {
            return new Key(
                    status.id().toString(),
                    status.tenant().toString(),
                    CallView.lower(status.level()),
                    status.name(),
                    CallView.lower(status.tier()),
                    status.version(),
                    status.retired() ? "retired" : CallView.lower(status.state()),
                    status.algorithm(),
                    status.age().toSeconds(),
                    status.recordKeys());
        }
    }

    @GetMapping("/api/v1/operator/keys")
    List<Key> keys() {
        return gate.services().keys().list(Optional.empty()).stream()
                .map(Key::of)
                .toList();
    }

    /// How late outbound audio was, in microseconds.
    record Late(long frames, long shifted, long p50Micros, long p99Micros, long maxMicros) {}

    @GetMapping("/api/v1/operator/lateness")
    Late lateness() {
        Lateness measured = gate.services().edge().lateness();
        return new Late(
                measured.frames(),
                measured.shifted(),
                micros(measured.p50()),
                micros(measured.p99()),
                micros(measured.max()));
    }

    /// Begins to measure anew.
    @PostMapping("/api/v1/operator/lateness/reset")
    Late resetLateness() {
        gate.services().edge().resetLateness();
        return lateness();
    }

    private static long micros(Duration duration) {
        return duration.toNanos() / 1_000;
    }

    /// What reading the whole log again found.
    ///
    /// @param where the first thing that is wrong; empty if nothing is
    record Verified(boolean intact, long size, String where, String fault, String message) {
        static Verified of(Verification verification) {
            return switch (verification) {
                case Verification.Intact intact -> new Verified(true, intact.size(), "", "", "");
                case Verification.Broken broken ->
                    new Verified(
                            false, broken.sequence(), broken.where(), CallView.lower(broken.fault()), broken.message());
            };
        }
    }

    /// Reads the log in the database again. Slow for a long log; one at a time.
    @GetMapping("/api/v1/audit/verify")
    Verified verify() {
        if (!verifying.tryAcquire()) {
            throw new LimitedException(ServerError.TOO_MANY, "the log is being verified already");
        }
        try {
            return Verified.of(gate.services().verifyAudit());
        } finally {
            verifying.release();
        }
    }

    /// The whole log up to a checkpoint signed for it, in the format of `docs/spec/audit-log.md`.
    @GetMapping("/api/v1/audit/export")
    void export(@AuthenticationPrincipal Visitor visitor, HttpServletResponse response) throws IOException {
        response.setContentType("application/x-ndjson");
        response.setHeader("Cache-Control", "no-store");
        gate.services().audit().export(response.getOutputStream(), visitor.actor());
    }
}
