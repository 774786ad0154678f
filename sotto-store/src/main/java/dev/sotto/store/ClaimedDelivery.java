package dev.sotto.store;

import dev.sotto.core.CallId;
import dev.sotto.core.NoticeId;
import dev.sotto.core.TenantId;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;

/// A delivery that this node alone may attempt now.
///
/// @param attempt counts from 1; who claimed earlier settles nothing
/// @param createdAt when the delivery was first asked for
/// @param expiresAt when it is given up
public record ClaimedDelivery(
        TenantId tenant,
        NoticeId notice,
        String endpoint,
        int attempt,
        NoticeType type,
        Optional<CallId> call,
        Instant happenedAt,
        int occurrences,
        Map<String, String> details,
        Instant createdAt,
        Instant expiresAt) {
    public ClaimedDelivery {
        details = Map.copyOf(details);
    }
}
