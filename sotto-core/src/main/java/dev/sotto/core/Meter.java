package dev.sotto.core;

import java.time.Duration;
import java.util.function.LongSupplier;

/// Where counts and durations go. Names are dotted lower case and come from constants, never from input. Thread-safe,
/// never blocks, never throws.
public interface Meter {
    void count(String name, long amount);

    void time(String name, Duration duration);

    /// Registers a value read when metrics are scraped. `source` must be cheap and thread-safe.
    void gauge(String name, LongSupplier source);

    default void count(String name) {
        count(name, 1);
    }

    /// A meter that forgets everything, for tools and tests.
    static Meter none() {
        return new Meter() {
            @Override
            public void count(String name, long amount) {}

            @Override
            public void time(String name, Duration duration) {}

            @Override
            public void gauge(String name, LongSupplier source) {}
        };
    }
}
