package dev.sotto.guard;

import java.time.Duration;

/// What the guard takes on at most.
///
/// @param calls open calls
/// @param actCharacters UTF-16 code units of all pieces of one act
/// @param detection time for all pieces of one act
public record GuardLimits(int calls, int actCharacters, Duration detection) {
    public GuardLimits {
        if (calls < 1 || actCharacters < 1 || detection.isNegative() || detection.isZero()) {
            throw new IllegalArgumentException("limits must be positive");
        }
    }

    public static GuardLimits defaults() {
        return new GuardLimits(1_000, 512 * 1024, Duration.ofSeconds(1));
    }
}
