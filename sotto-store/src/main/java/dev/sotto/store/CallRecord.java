package dev.sotto.store;

import dev.sotto.core.CallId;
import dev.sotto.core.SubjectId;
import dev.sotto.core.TenantId;
import java.time.Instant;
import java.util.Optional;

/// What is kept of a call in clear: ids, times and codes. The caller's number is opened by [Calls#revealFrom] only.
///
/// @param mode how it was to be answered when it was offered, such as `strict`
/// @param served what answers it, or answered it at its end; empty before the caller was told what answers
/// @param handedOverAt when the receptionist took over from a model that had answered until then
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
        CallChannel channel,
        Optional<String> served,
        Optional<Instant> handedOverAt) {
    /// The built-in receptionist, in [#mode] and [#served].
    public static final String RECEPTIONIST = "receptionist";

    /// Whether it came to the receptionist although a model was meant to answer: from the start, or handed over.
    public boolean fellBack() {
        return !mode.equals(RECEPTIONIST) && served.filter(RECEPTIONIST::equals).isPresent();
    }

    /// Whether the caller passed the identity check.
    public boolean verified() {
        return subject.isPresent();
    }
}
