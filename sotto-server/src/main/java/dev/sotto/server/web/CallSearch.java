package dev.sotto.server.web;

import dev.sotto.core.RejectedException;
import dev.sotto.server.node.ServerError;
import dev.sotto.store.CallFilter;
import dev.sotto.store.CallOutcome;
import dev.sotto.store.CallState;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneId;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.springframework.web.util.UriComponentsBuilder;

/// What the form above the list of calls asks for, as it stands in the address of the page. Days are the tenant's, the
/// last one included.
///
/// @param outcome one of the API's outcomes, or `live`; empty for any
/// @param length one of [Length], in lower case; empty for any
record CallSearch(String from, String to, String outcome, String length) {
    private static final String LIVE = "live";
    private static final int MAX_LENGTH = 32;
    private static final Duration SHORT = Duration.ofSeconds(30);
    private static final Duration LONG = Duration.ofMinutes(2);

    CallSearch {
        for (String field : new String[] {from, to, outcome, length}) {
            if (field.length() > MAX_LENGTH) {
                throw invalid("a field of the search is too long");
            }
        }
    }

    /// How long a call lasted.
    enum Length {
        SHORT,
        MIDDLE,
        LONG
    }

    static CallSearch of(Map<String, String> query) {
        return new CallSearch(
                query.getOrDefault("from", ""),
                query.getOrDefault("to", ""),
                query.getOrDefault("outcome", ""),
                query.getOrDefault("length", ""));
    }

    public boolean isAny() {
        return (from + to + outcome + length).isEmpty();
    }

    CallFilter filter(ZoneId zone) {
        Optional<Length> lasted = length.isEmpty() ? Optional.empty() : Optional.of(code(Length.class, length));
        boolean live = outcome.equals(LIVE);
        return new CallFilter(
                day(from).map(first -> first.atStartOfDay(zone).toInstant()),
                day(to).map(last -> last.plusDays(1).atStartOfDay(zone).toInstant()),
                live ? Optional.of(CallState.CONNECTED) : Optional.empty(),
                live || outcome.isEmpty() ? Optional.empty() : Optional.of(code(CallOutcome.class, outcome)),
                lasted.filter(asked -> asked != Length.SHORT).map(asked -> asked == Length.MIDDLE ? SHORT : LONG),
                lasted.filter(asked -> asked != Length.LONG)
                        .map(asked -> (asked == Length.SHORT ? SHORT : LONG).minusMillis(1)));
    }

    /// The address of the page of this search that comes after `before`.
    String page(String before) {
        var address = UriComponentsBuilder.fromPath("/calls");
        Map.of("from", from, "to", to, "outcome", outcome, "length", length).entrySet().stream()
                .sorted(Map.Entry.comparingByKey())
                .filter(field -> !field.getValue().isEmpty())
                .forEach(field -> address.queryParam(field.getKey(), field.getValue()));
        return address.queryParam("before", before).encode().build().toUriString();
    }

    private static Optional<LocalDate> day(String text) {
        try {
            return text.isEmpty() ? Optional.empty() : Optional.of(LocalDate.parse(text));
        } catch (DateTimeException malformed) {
            throw new RejectedException(ServerError.REQUEST_INVALID, "a day must be of the form 2026-11-21", malformed);
        }
    }

    /// A code of the API: lower case.
    static <E extends Enum<E>> E code(Class<E> type, String text) {
        for (E constant : type.getEnumConstants()) {
            if (constant.name().toLowerCase(Locale.ROOT).equals(text)) {
                return constant;
            }
        }
        throw invalid("a code of the search is none of the known ones");
    }

    static Optional<Instant> instant(Optional<String> text) {
        try {
            return text.map(Instant::parse);
        } catch (DateTimeException malformed) {
            throw new RejectedException(
                    ServerError.REQUEST_INVALID, "a time must be of the form 2026-11-21T10:00:00Z", malformed);
        }
    }

    static Optional<Duration> millis(Optional<Long> value) {
        value.filter(millis -> millis < 0).ifPresent(_ -> {
            throw invalid("a length must not be negative");
        });
        return value.map(Duration::ofMillis);
    }

    private static RejectedException invalid(String message) {
        return new RejectedException(ServerError.REQUEST_INVALID, message);
    }
}
