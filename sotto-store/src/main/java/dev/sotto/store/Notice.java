package dev.sotto.store;

import dev.sotto.core.CallId;
import dev.sotto.core.NoticeId;
import dev.sotto.core.TenantId;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Something that happened and that was, or is to be, told.
///
/// @param occurrences how often it happened since the notice before
/// @param deliveries one for each endpoint that is told; none if nobody is
public record Notice(
        TenantId tenant,
        NoticeId id,
        NoticeType type,
        Optional<CallId> call,
        Instant happenedAt,
        int occurrences,
        Map<String, String> details,
        List<Delivery> deliveries) {
    public Notice {
        details = Map.copyOf(details);
        deliveries = List.copyOf(deliveries);
    }

    Notice with(List<Delivery> found) {
        return new Notice(tenant, id, type, call, happenedAt, occurrences, details, found);
    }
}
