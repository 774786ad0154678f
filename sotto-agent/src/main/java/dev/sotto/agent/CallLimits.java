package dev.sotto.agent;

import java.time.Duration;

/// What one call may take.
///
/// @param longest how long a call may be
/// @param turns how many turns it may have
/// @param waitingEvents how many events of the peer may wait
/// @param workBeside how many tools and the like may run beside a call at once
/// @param closing how long the end of a call may wait for each thing that still runs
public record CallLimits(Duration longest, int turns, int waitingEvents, int workBeside, Duration closing) {
    public CallLimits {
        if (!longest.isPositive() || !closing.isPositive()) {
            throw new IllegalArgumentException("longest and closing must be positive");
        }
        if (turns < 1 || waitingEvents < 1 || workBeside < 1) {
            throw new IllegalArgumentException("turns, waitingEvents and workBeside must be at least 1");
        }
    }

    public static CallLimits defaults() {
        return new CallLimits(Duration.ofMinutes(30), 400, 64, 4, Duration.ofSeconds(10));
    }
}
