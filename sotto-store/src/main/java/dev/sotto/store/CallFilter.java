package dev.sotto.store;

import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/// Which calls to list, by what of them is kept in clear.
///
/// @param from offered at this time or later
/// @param until offered before this time
/// @param state only calls in this state
/// @param outcome only calls that ended so
/// @param shortest only calls that lasted at least this long, from the connection to the end
/// @param longest only calls that lasted at most this long
public record CallFilter(
        Optional<Instant> from,
        Optional<Instant> until,
        Optional<CallState> state,
        Optional<CallOutcome> outcome,
        Optional<Duration> shortest,
        Optional<Duration> longest) {
    private static final CallFilter ALL = new CallFilter(
            Optional.empty(), Optional.empty(), Optional.empty(), Optional.empty(), Optional.empty(), Optional.empty());

    public CallFilter {
        if (from.isPresent() && until.isPresent() && !from.get().isBefore(until.get())) {
            throw Fields.rejected("from must be before until");
        }
        if (shortest.isPresent() && longest.isPresent() && shortest.get().compareTo(longest.get()) > 0) {
            throw Fields.rejected("shortest must be at most longest");
        }
    }

    public static CallFilter all() {
        return ALL;
    }
}
