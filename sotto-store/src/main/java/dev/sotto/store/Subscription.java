package dev.sotto.store;

import static java.util.Objects.requireNonNull;

import dev.sotto.core.TenantId;
import java.util.Set;

/// Who is told of what: one endpoint of one tenant.
///
/// @param endpoint its name in the configuration, at most 64 characters
public record Subscription(String endpoint, TenantId tenant, Set<NoticeType> types) {
    public Subscription {
        Fields.text("endpoint", endpoint, 64);
        requireNonNull(tenant, "tenant");
        types = Set.copyOf(types);
    }

    boolean wants(NewNotice notice) {
        return tenant.equals(notice.tenant()) && types.contains(notice.type());
    }
}
