package dev.sotto.notify;

import static java.util.Objects.requireNonNull;

import dev.sotto.core.Meter;
import java.time.Clock;
import java.util.function.Predicate;
import java.util.random.RandomGenerator;

/// What a dispatcher works with.
///
/// @param nodeId names this node in claims; stays the same over restarts
/// @param unrecorded whether a denial only says that it could not be recorded, so that it is asked again
/// @param random for jitter; thread-safe
public record DispatcherParts(
        String nodeId, RetryPlan plan, Predicate<String> unrecorded, Meter meter, Clock clock, RandomGenerator random) {
    public DispatcherParts {
        requireNonNull(nodeId, "nodeId");
        requireNonNull(plan, "plan");
        requireNonNull(unrecorded, "unrecorded");
        requireNonNull(meter, "meter");
        requireNonNull(clock, "clock");
        requireNonNull(random, "random");
    }
}
