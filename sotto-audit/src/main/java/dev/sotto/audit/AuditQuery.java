package dev.sotto.audit;

import dev.sotto.core.TenantId;
import java.util.Optional;

/// Which entries to list, oldest first. Page by passing the last sequence seen to [#after(long)].
///
/// @param tenant only this tenant's; [TenantId#OPERATOR] for facts about the node itself
/// @param resource only about this resource, such as `call/01J...`
/// @param type only of this event type
/// @param afterSequence only entries with a larger sequence; -1 for all
/// @param limit most entries to return, 1 to 1000
public record AuditQuery(
        Optional<TenantId> tenant, Optional<String> resource, Optional<String> type, long afterSequence, int limit) {
    public static final int LARGEST_LIMIT = 1000;

    public AuditQuery {
        if (afterSequence < -1) {
            throw new IllegalArgumentException("afterSequence (%d) must be at least -1".formatted(afterSequence));
        }
        if (limit < 1 || limit > LARGEST_LIMIT) {
            throw new IllegalArgumentException("limit (%d) must be 1 to %d".formatted(limit, LARGEST_LIMIT));
        }
    }

    /// Every entry, from the first on.
    public static AuditQuery first(int limit) {
        return new AuditQuery(Optional.empty(), Optional.empty(), Optional.empty(), -1, limit);
    }

    public AuditQuery tenant(TenantId value) {
        return new AuditQuery(Optional.of(value), resource, type, afterSequence, limit);
    }

    /// As [dev.sotto.core.AuditEvent.Builder#resource(String, Object)].
    public AuditQuery resource(String kind, Object id) {
        return new AuditQuery(tenant, Optional.of(kind + "/" + id), type, afterSequence, limit);
    }

    public AuditQuery type(String value) {
        return new AuditQuery(tenant, resource, Optional.of(value), afterSequence, limit);
    }

    public AuditQuery after(long sequence) {
        return new AuditQuery(tenant, resource, type, sequence, limit);
    }
}
