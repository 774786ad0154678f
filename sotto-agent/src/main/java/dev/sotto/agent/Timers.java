package dev.sotto.agent;

import java.time.Duration;

/// Monotonic time and wake-ups. Thread-safe.
interface Timers {
    /// Runs `task` once after `delay`. The task must be short: it runs on the timers' own thread.
    Handle after(Duration delay, Runnable task);

    /// Nanoseconds since some fixed moment.
    long nanoTime();

    /// A wake-up that may still be called off.
    interface Handle {
        void cancel();
    }
}
