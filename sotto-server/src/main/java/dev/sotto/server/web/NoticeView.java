package dev.sotto.server.web;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.sotto.core.CallId;
import dev.sotto.store.Delivery;
import dev.sotto.store.Notice;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// A notice as the API shows it.
@JsonInclude(JsonInclude.Include.NON_NULL)
record NoticeView(
        String id,
        String type,
        @Nullable String call,
        Instant happenedAt,
        int occurrences,
        Map<String, String> details,
        List<Told> deliveries) {
    /// How far it has come on its way to one endpoint.
    @JsonInclude(JsonInclude.Include.NON_NULL)
    record Told(
            String endpoint,
            String state,
            int attempts,
            @Nullable String lastError,
            @Nullable Instant lastAttemptAt,
            @Nullable Instant nextAttemptAt,
            @Nullable Instant finishedAt) {
        static Told of(Delivery delivery) {
            return new Told(
                    delivery.endpoint(),
                    CallView.lower(delivery.state()),
                    delivery.attempts(),
                    delivery.lastError().orElse(null),
                    delivery.lastAttemptAt().orElse(null),
                    delivery.nextAttemptAt().orElse(null),
                    delivery.finishedAt().orElse(null));
        }
    }

    static NoticeView of(Notice notice) {
        return new NoticeView(
                notice.id().toString(),
                notice.type().code(),
                notice.call().map(CallId::toString).orElse(null),
                notice.happenedAt(),
                notice.occurrences(),
                notice.details(),
                notice.deliveries().stream().map(Told::of).toList());
    }
}
