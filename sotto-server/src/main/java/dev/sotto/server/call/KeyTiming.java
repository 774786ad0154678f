package dev.sotto.server.call;

import java.time.Duration;
import java.util.Map;

/// When a caller types the next group: once the agent has spoken and then paused, or some way into what it
/// says.
///
/// @param pause of the agent that invites a group
/// @param intoPrompt how long the agent may speak before the caller types over it
/// @param between one key and the next; people take 150 to 200 ms
/// @param patience without a word of the agent before the caller types anyway
public record KeyTiming(Duration pause, Duration intoPrompt, Duration between, Duration patience) {
    public KeyTiming {
        Map.of("pause", pause, "intoPrompt", intoPrompt, "between", between, "patience", patience)
                .forEach((name, value) -> {
                    if (!value.isPositive()) {
                        throw new IllegalArgumentException("%s (%s) must be positive".formatted(name, value));
                    }
                });
    }

    /// Of somebody who knows what will be asked.
    public static KeyTiming practised() {
        return new KeyTiming(
                Duration.ofMillis(300), Duration.ofMillis(2_500), Duration.ofMillis(170), Duration.ofSeconds(10));
    }

    /// Of somebody who hears every prompt to its end.
    public static KeyTiming patient() {
        return new KeyTiming(
                Duration.ofMillis(900), Duration.ofMinutes(5), Duration.ofMillis(170), Duration.ofSeconds(30));
    }
}
