package dev.sotto.notify;

import dev.sotto.core.CallId;
import dev.sotto.core.IdSource;
import dev.sotto.store.ClaimedDelivery;
import dev.sotto.store.NoticeType;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;

/// Deliveries that nobody keeps.
final class Told {
    private static final IdSource IDS = new IdSource(Clock.systemUTC(), new SecureRandom());

    private Told() {}

    static ClaimedDelivery denied() {
        return of(
                NoticeType.DISCLOSURE_DENIED,
                3,
                Map.of(
                        "rule", "agreement-not-active",
                        "destination", "model-a",
                        "data_class", "transcript",
                        "purpose", "language-model"));
    }

    static ClaimedDelivery completed() {
        Instant now = Instant.now();
        return of(
                NoticeType.CALL_COMPLETED,
                1,
                Map.of(
                        "outcome",
                        "hung_up",
                        "mode",
                        "strict",
                        "offered_at",
                        now.minusSeconds(90).toString(),
                        "started_at",
                        now.minusSeconds(88).toString(),
                        "ended_at",
                        now.toString(),
                        "length_millis",
                        "88231"));
    }

    private static ClaimedDelivery of(NoticeType type, int occurrences, Map<String, String> details) {
        return new ClaimedDelivery(
                IDS.tenantId(),
                IDS.noticeId(),
                "alert.mail",
                1,
                type,
                Optional.of(new CallId(IDS.next())),
                Instant.now(),
                occurrences,
                details,
                Instant.now(),
                Instant.now().plusSeconds(60));
    }
}
