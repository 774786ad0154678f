package dev.sotto.store;

import dev.sotto.core.TenantId;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.TreeMap;

/// What is told of calls.
final class CallNotices {
    private CallNotices() {}

    /// Of a call that has just ended.
    static List<NewNotice> of(CallRecord call) {
        Instant ended = call.endedAt().orElse(call.offeredAt());
        CallOutcome outcome = call.outcome().orElse(CallOutcome.LOST);
        var details = new TreeMap<String, String>();
        details.put("outcome", outcome.name().toLowerCase(Locale.ROOT));
        details.put("mode", call.mode());
        call.served().ifPresent(served -> details.put("served", served));
        call.handedOverAt().ifPresent(at -> details.put("handed_over_at", time(at)));
        details.put("offered_at", time(call.offeredAt()));
        details.put("ended_at", time(ended));
        call.startedAt().ifPresent(started -> {
            details.put("started_at", time(started));
            details.put(
                    "length_millis",
                    Long.toString(Math.max(0, Duration.between(started, ended).toMillis())));
        });
        var notices = new ArrayList<NewNotice>(2);
        notices.add(NewNotice.of(call.tenant(), NoticeType.CALL_COMPLETED, call.id(), ended, details));
        if (outcome == CallOutcome.TRANSFERRED) {
            details.remove("outcome");
            notices.add(NewNotice.of(call.tenant(), NoticeType.CALL_TRANSFERRED, call.id(), ended, details));
        }
        return notices;
    }

    static NewNotice messageTaken(Artifacts.Artifact message, Artifacts.Whole whole) {
        TenantId tenant = message.tenant();
        var details = new TreeMap<String, String>();
        details.put("message", message.id().toString());
        details.put(
                "length_millis",
                Long.toString(message.kind().duration(whole.audioBytes()).toMillis()));
        return NewNotice.of(tenant, NoticeType.MESSAGE_TAKEN, message.call(), whole.at(), details);
    }

    private static String time(Instant at) {
        return at.truncatedTo(ChronoUnit.MILLIS).toString();
    }
}
