package dev.sotto.simulator;

import java.time.Duration;

/// How fast a simulator speaks: `times` real time, or all at once for zero. Immutable.
public record Pace(double times) {
    /// All at once.
    public static final Pace IMMEDIATE = new Pace(0);
    /// As fast as a person would hear it.
    public static final Pace REAL_TIME = new Pace(1);

    private static final double MOST = 1_000;

    public Pace {
        if (!(times >= 0 && times <= MOST)) {
            throw new IllegalArgumentException("times (%s) must be in 0 to %s".formatted(times, MOST));
        }
    }

    /// How long after the start something falls due that is `milliseconds` into the speech.
    Duration due(long milliseconds) {
        return times == 0 ? Duration.ZERO : Duration.ofNanos((long) (milliseconds * 1e6 / times));
    }
}
