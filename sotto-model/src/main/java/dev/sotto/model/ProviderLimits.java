package dev.sotto.model;

import java.time.Duration;

/// What a provider may take of our time and memory.
///
/// @param connect until a connection and its TLS session stand
/// @param firstByte until the head of an answer is there, retries included
/// @param idle between two pieces of an answer
/// @param total from the request to the end of its answer
/// @param answerBytes an answer's size
/// @param answerEvents pieces of a streamed answer
/// @param attempts tries of one request, where a retry is safe
/// @param concurrency requests that run at once
public record ProviderLimits(
        Duration connect,
        Duration firstByte,
        Duration idle,
        Duration total,
        long answerBytes,
        int answerEvents,
        int attempts,
        int concurrency) {
    private static final Duration LONGEST = Duration.ofMinutes(10);
    private static final long MOST_BYTES = 64L << 20;

    public ProviderLimits {
        within("connect", connect);
        within("firstByte", firstByte);
        within("idle", idle);
        within("total", total);
        within("answerBytes", answerBytes, MOST_BYTES);
        within("answerEvents", answerEvents, 1_000_000);
        within("attempts", attempts, 10);
        within("concurrency", concurrency, 10_000);
    }

    /// Strict enough that a call can be handed over within two seconds.
    public static ProviderLimits defaults() {
        return new ProviderLimits(
                Duration.ofSeconds(1),
                Duration.ofMillis(1_800),
                Duration.ofMillis(1_800),
                Duration.ofSeconds(60),
                8L << 20,
                20_000,
                3,
                200);
    }

    /// The same with other times.
    public ProviderLimits times(Duration newConnect, Duration newFirstByte, Duration newIdle, Duration newTotal) {
        return new ProviderLimits(
                newConnect, newFirstByte, newIdle, newTotal, answerBytes, answerEvents, attempts, concurrency);
    }

    /// The same with other sizes.
    public ProviderLimits sizes(long newAnswerBytes, int newAnswerEvents) {
        return new ProviderLimits(
                connect, firstByte, idle, total, newAnswerBytes, newAnswerEvents, attempts, concurrency);
    }

    /// The same with other numbers of tries and of requests at once.
    public ProviderLimits work(int newAttempts, int newConcurrency) {
        return new ProviderLimits(
                connect, firstByte, idle, total, answerBytes, answerEvents, newAttempts, newConcurrency);
    }

    private static void within(String name, Duration value) {
        if (!value.isPositive() || value.compareTo(LONGEST) > 0) {
            throw new IllegalArgumentException(
                    "%s (%s) must be positive and at most %s".formatted(name, value, LONGEST));
        }
    }

    private static void within(String name, long value, long most) {
        if (value < 1 || value > most) {
            throw new IllegalArgumentException("%s (%d) must be 1 to %d".formatted(name, value, most));
        }
    }
}
