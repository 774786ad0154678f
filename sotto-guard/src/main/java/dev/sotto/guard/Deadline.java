package dev.sotto.guard;

import dev.sotto.core.LimitedException;
import java.time.Duration;
import java.util.function.LongSupplier;

/// The moment by which detection must have ended. Thread-safe.
public final class Deadline {
    private final LongSupplier nanos;
    private final long end;

    private Deadline(LongSupplier nanos, long end) {
        this.nanos = nanos;
        this.end = end;
    }

    /// A deadline that far from now.
    ///
    /// @param nanos monotonic nanoseconds, such as `System::nanoTime`
    public static Deadline in(Duration time, LongSupplier nanos) {
        return new Deadline(nanos, nanos.getAsLong() + time.toNanos());
    }

    /// What is left, zero or less once it passed.
    public Duration left() {
        return Duration.ofNanos(end - nanos.getAsLong());
    }

    /// Asks whether there is still time. Cheap enough for every few hundred words.
    ///
    /// @throws LimitedException if it passed
    public void check() {
        if (end - nanos.getAsLong() <= 0) {
            throw new LimitedException(GuardError.DETECTION_LATE, "detection did not end in time");
        }
    }
}
