package dev.sotto.audit;

import dev.sotto.audit.Verification.Broken;
import dev.sotto.audit.Verification.Fault;
import dev.sotto.core.RejectedException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/// Re-reads a log and says whether it is what was signed. Needs public keys only, trusts nothing it reads, and
/// changes nothing. Thread-safe.
///
/// What it cannot see: entries that were removed along with every checkpoint that covers them, those outside
/// included; and changes to entries after the newest checkpoint, which [Verification.Intact#unsigned()] counts.
public final class AuditVerifier {
    private static final String SINCE = "checkpoint since";

    /// Re-reads every byte of a log.
    ///
    /// @param keys whose signatures are believed; at least one must be for the log's origin
    /// @param sinceCheckpoint the text of a checkpoint seen earlier, which the log must continue
    /// @throws RejectedException if there is no log to read, no key is for it, or `sinceCheckpoint` is not a
    ///     checkpoint of this log that these keys signed
    /// @throws dev.sotto.core.UnavailableException if the source stops answering
    public Verification verify(AuditSource source, TrustedKeys keys, Optional<String> sinceCheckpoint) {
        List<VerificationRun.Anchor> anchors = new ArrayList<>();
        sinceCheckpoint.ifPresent(note -> anchors.add(since(note, keys)));
        for (CheckpointFiles.Saved saved : source.checkpoints()) {
            String where = "checkpoint %s".formatted(saved.name());
            try {
                SignedCheckpoint signed = SignedCheckpoint.parse(saved.note().array());
                switch (signed.check(keys)) {
                    case SignedCheckpoint.Check.Signed(Optional<Instant> at) ->
                        anchors.add(new VerificationRun.Anchor(where, signed, at));
                    case SignedCheckpoint.Check.Refused(String reason) -> {
                        return broken(where, Fault.CHECKPOINT_SIGNATURE, reason);
                    }
                }
            } catch (RejectedException malformed) {
                return broken(where, Fault.CHECKPOINT_MALFORMED, String.valueOf(malformed.getMessage()));
            }
        }
        anchors.sort(
                Comparator.comparingLong(anchor -> anchor.signed().checkpoint().size()));
        return verify(source, keys, anchors);
    }

    private static Verification verify(AuditSource source, TrustedKeys keys, List<VerificationRun.Anchor> anchors) {
        Optional<LogReader> found = source.open();
        if (found.isEmpty()) {
            if (anchors.isEmpty()) {
                throw new RejectedException(AuditError.AUDIT_SOURCE, "database has no audit log");
            }
            return broken(
                    "log",
                    Fault.TRUNCATED,
                    "it is gone, and %s is there".formatted(anchors.getLast().where()));
        }
        try (LogReader log = found.get()) {
            if (keys.named(log.origin()).isEmpty()) {
                throw new RejectedException(
                        AuditError.AUDIT_SOURCE,
                        "trusted keys hold none for the origin (%.255s)".formatted(log.origin()));
            }
            for (VerificationRun.Anchor anchor : anchors) {
                if (anchor.signed().checkpoint().origin().equals(log.origin())) {
                    continue;
                }
                if (anchor.where().equals(SINCE)) {
                    throw new RejectedException(AuditError.AUDIT_CHECKPOINT, "checkpoint since is of another log");
                }
                return broken(anchor.where(), Fault.CHECKPOINT_ORIGIN, "it is of another log");
            }
            return new VerificationRun(log, keys, anchors).run();
        }
    }

    private static VerificationRun.Anchor since(String note, TrustedKeys keys) {
        SignedCheckpoint signed = SignedCheckpoint.parse(note);
        return switch (signed.check(keys)) {
            case SignedCheckpoint.Check.Signed(Optional<Instant> at) -> new VerificationRun.Anchor(SINCE, signed, at);
            case SignedCheckpoint.Check.Refused(String reason) ->
                throw new RejectedException(
                        AuditError.AUDIT_CHECKPOINT, "checkpoint since must not be believed: " + reason);
        };
    }

    private static Broken broken(String where, Fault fault, String what) {
        return new Broken(where, 0, fault, "%s: %s".formatted(where, what));
    }
}
