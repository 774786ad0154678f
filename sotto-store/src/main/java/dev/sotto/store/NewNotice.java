package dev.sotto.store;

import static java.util.Objects.requireNonNull;

import dev.sotto.core.CallId;
import dev.sotto.core.TenantId;
import java.time.Instant;
import java.util.Collections;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.regex.Pattern;

/// Something to tell. Holds ids, codes, times and counts: a value has no room for a sentence.
///
/// @param occurrences how often it happened since the notice before, at least once
/// @param details values by name, 16 at most
public record NewNotice(
        TenantId tenant,
        NoticeType type,
        Optional<CallId> call,
        Instant happenedAt,
        int occurrences,
        Map<String, String> details) {
    private static final int MAX_DETAILS = 16;
    private static final Pattern NAME = Pattern.compile("[a-z][a-z0-9_]{0,31}");
    private static final Pattern VALUE = Pattern.compile("[A-Za-z0-9*._:+-]{1,64}");

    public NewNotice {
        requireNonNull(tenant, "tenant");
        requireNonNull(type, "type");
        requireNonNull(call, "call");
        requireNonNull(happenedAt, "happenedAt");
        if (occurrences < 1) {
            throw new IllegalArgumentException("occurrences (%d) must be at least 1".formatted(occurrences));
        }
        if (details.size() > MAX_DETAILS) {
            throw new IllegalArgumentException("details of a notice must be at most %d".formatted(MAX_DETAILS));
        }
        details.forEach((name, value) -> {
            if (!NAME.matcher(name).matches() || !VALUE.matcher(value).matches()) {
                throw new IllegalArgumentException("a detail of a notice must be a code, an id, a time or a count");
            }
        });
        details = Collections.unmodifiableMap(new TreeMap<>(details));
    }

    /// Something that happened once.
    public static NewNotice of(
            TenantId tenant, NoticeType type, CallId call, Instant happenedAt, Map<String, String> details) {
        return new NewNotice(tenant, type, Optional.of(call), happenedAt, 1, details);
    }

    /// As the row keeps it: a line `name=value` for each.
    String lines() {
        var lines = new StringBuilder();
        details.forEach(
                (name, value) -> lines.append(name).append('=').append(value).append('\n'));
        return lines.toString();
    }

    static Map<String, String> detailsOf(String lines) {
        var details = new TreeMap<String, String>();
        lines.lines().forEach(line -> {
            int at = line.indexOf('=');
            if (at > 0) {
                details.put(line.substring(0, at), line.substring(at + 1));
            }
        });
        return Collections.unmodifiableMap(details);
    }
}
