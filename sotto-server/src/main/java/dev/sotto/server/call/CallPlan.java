package dev.sotto.server.call;

import static java.util.Objects.requireNonNull;

import dev.sotto.core.SensitiveText;
import dev.sotto.media.AudioClip;
import java.time.Duration;

/// What one caller does.
///
/// @param from the caller's number
/// @param to the number that is called
/// @param voice what the caller says, from the first moment of the stream; silence when it is over
/// @param hangsUp whether the caller ends the call once all is said and keyed and the agent has answered; if
/// not, it stays until told
/// @param byTurns whether each stretch of `voice` between long silences is said when the agent pauses
/// @param longest after which the caller hangs up in any case
public record CallPlan(
        SensitiveText from,
        String to,
        AudioClip voice,
        KeyPlan keys,
        KeyTiming timing,
        boolean hangsUp,
        Duration longest,
        boolean byTurns) {
    public static final Duration LONGEST = Duration.ofMinutes(10);

    /// A caller who talks from the first moment on.
    public CallPlan(
            SensitiveText from,
            String to,
            AudioClip voice,
            KeyPlan keys,
            KeyTiming timing,
            boolean hangsUp,
            Duration longest) {
        this(from, to, voice, keys, timing, hangsUp, longest, false);
    }

    public CallPlan {
        requireNonNull(from, "from");
        requireNonNull(to, "to");
        requireNonNull(voice, "voice");
        requireNonNull(keys, "keys");
        requireNonNull(timing, "timing");
        if (!longest.isPositive()) {
            throw new IllegalArgumentException("longest (%s) must be positive".formatted(longest));
        }
    }
}
