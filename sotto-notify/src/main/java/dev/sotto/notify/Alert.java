package dev.sotto.notify;

import static java.util.Objects.requireNonNull;

import dev.sotto.core.CallId;
import dev.sotto.core.TenantId;
import dev.sotto.store.NoticeType;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;

/// Something that a person should look at, as it happens. Alerts of a kind have the same tenant, type and codes.
///
/// @param codes ids and codes only
public record Alert(TenantId tenant, NoticeType type, Optional<CallId> call, Map<String, String> codes, Instant at) {
    public Alert {
        requireNonNull(tenant, "tenant");
        requireNonNull(type, "type");
        requireNonNull(call, "call");
        codes = Map.copyOf(codes);
        requireNonNull(at, "at");
    }
}
