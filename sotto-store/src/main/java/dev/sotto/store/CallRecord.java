package dev.sotto.store;

import dev.sotto.core.CallId;
import dev.sotto.core.SubjectId;
import dev.sotto.core.TenantId;
import java.time.Instant;
import java.util.Optional;

/// What is kept of a call in clear: ids, times and codes. The caller's number is opened by [Calls#revealFrom] only.
///
/// @param mode how it is answered, such as `receptionist`
/// @param nodeId the node that holds, or held, its stream; empty before it connected
/// @param announcedAt when the caller was told what answers, and whether it is recorded
/// @param recordingAnnounced whether the caller was told that the call is recorded
/// @param subject who the caller was verified to be
/// @param turnCount how many turns are kept
public record CallRecord(
        TenantId tenant,
        CallId id,
        String carrierCallId,
        CallState state,
        Instant offeredAt,
        Optional<Instant> startedAt,
        Optional<Instant> announcedAt,
        Optional<Instant> endedAt,
        Optional<CallOutcome> outcome,
        boolean recordingAnnounced,
        Optional<SubjectId> subject,
        String mode,
        String nodeId,
        int turnCount,
        CallChannel channel) {
    /// Whether the caller passed the identity check.
    public boolean verified() {
        return subject.isPresent();
    }
}
