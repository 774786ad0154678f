package dev.sotto.agent;

import java.time.Duration;
import java.util.Map;

/// How long the receptionist waits, and how often it asks.
///
/// @param noInput from the end of a prompt to the first key
/// @param interKey from one key to the next
/// @param messageLimit the longest message
/// @param messageSilence silence after speech that ends a message
/// @param markGrace how much later than computed the mark of a prompt may come back
/// @param misses how many times in a row the caller may give no usable answer
/// @param identityFloor every answer of the identity check comes at a multiple of this after the input
public record ReceptionTimes(
        Duration noInput,
        Duration interKey,
        Duration messageLimit,
        Duration messageSilence,
        Duration markGrace,
        int misses,
        Duration identityFloor) {
    public ReceptionTimes {
        Map.of(
                        "noInput", noInput,
                        "interKey", interKey,
                        "messageLimit", messageLimit,
                        "messageSilence", messageSilence,
                        "markGrace", markGrace,
                        "identityFloor", identityFloor)
                .forEach((name, value) -> {
                    if (!value.isPositive()) {
                        throw new IllegalArgumentException("%s (%s) must be positive".formatted(name, value));
                    }
                });
        if (misses < 1) {
            throw new IllegalArgumentException("misses (%d) must be at least 1".formatted(misses));
        }
    }

    public static ReceptionTimes defaults() {
        return new ReceptionTimes(
                Duration.ofSeconds(10),
                Duration.ofSeconds(8),
                Duration.ofSeconds(120),
                Duration.ofSeconds(5),
                Duration.ofSeconds(3),
                3,
                Duration.ofMillis(600));
    }
}
