package dev.sotto.notify;

import java.time.Duration;
import java.util.random.RandomGenerator;

/// When a failed attempt is made again: after twice the time of the one before, half of it by chance, at most every
/// four hours.
///
/// @param first the time after the first attempt
/// @param attempts how many there are at most
public record RetryPlan(Duration first, int attempts) {
    private static final Duration LONGEST = Duration.ofHours(4);
    private static final Duration LONGEST_REST = Duration.ofMinutes(1);
    private static final int MOST_DOUBLINGS = 20;

    public RetryPlan {
        if (first.isNegative() || first.isZero() || attempts < 1) {
            throw new IllegalArgumentException("a retry plan must have a time and an attempt");
        }
    }

    /// Thirty attempts.
    ///
    /// @param first the time after the first attempt
    public static RetryPlan after(Duration first) {
        return new RetryPlan(first, 30);
    }

    /// How long to wait after attempt `number`, from 1.
    Duration wait(int number, RandomGenerator random) {
        return jittered(doubled(number, LONGEST), random);
    }

    /// How long an endpoint rests that failed `failures` times in a row.
    Duration rest(int failures, RandomGenerator random) {
        return jittered(doubled(failures, LONGEST_REST), random);
    }

    private Duration doubled(int number, Duration longest) {
        Duration doubled = first.multipliedBy(1L << Math.min(number - 1, MOST_DOUBLINGS));
        return doubled.compareTo(longest) < 0 ? doubled : longest;
    }

    private static Duration jittered(Duration whole, RandomGenerator random) {
        long half = whole.toMillis() / 2;
        return Duration.ofMillis(half + random.nextLong(half + 1));
    }
}
