package dev.sotto.keys;

import java.time.Duration;

/// How long, how often and how many at once a key service is called.
///
/// @param perTry the time one try may take
/// @param total the time a call may take, with its tries and the pauses between them
/// @param tries the most tries, the first included; 1 to 10
/// @param firstPause the longest pause before the second try; it doubles before each further one
/// @param longestPause the bound of that doubling
/// @param concurrent how many tries may run at once; a try that was given up counts until it really ends
public record KmsCallLimits(
        Duration perTry, Duration total, int tries, Duration firstPause, Duration longestPause, int concurrent) {
    private static final int MAX_TRIES = 10;
    private static final int MAX_CONCURRENT = 1024;
    private static final Duration MAX_TOTAL = Duration.ofMinutes(5);

    public KmsCallLimits {
        if (!perTry.isPositive() || perTry.compareTo(total) > 0 || total.compareTo(MAX_TOTAL) > 0) {
            throw new IllegalArgumentException("perTry (%s) must be positive, at most total (%s), which is at most %s"
                    .formatted(perTry, total, MAX_TOTAL));
        }
        if (tries < 1 || tries > MAX_TRIES) {
            throw new IllegalArgumentException("tries (%d) must be 1 to %d".formatted(tries, MAX_TRIES));
        }
        if (!firstPause.isPositive() || firstPause.compareTo(longestPause) > 0) {
            throw new IllegalArgumentException("firstPause (%s) must be positive and at most longestPause (%s)"
                    .formatted(firstPause, longestPause));
        }
        if (concurrent < 1 || concurrent > MAX_CONCURRENT) {
            throw new IllegalArgumentException("concurrent (%d) must be 1 to %d".formatted(concurrent, MAX_CONCURRENT));
        }
    }

    /// Two seconds a try, five seconds and four tries a call, 32 at once.
    public static KmsCallLimits defaults() {
        return new KmsCallLimits(
                Duration.ofSeconds(2), Duration.ofSeconds(5), 4, Duration.ofMillis(50), Duration.ofSeconds(1), 32);
    }
}
