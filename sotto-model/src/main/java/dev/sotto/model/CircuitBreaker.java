package dev.sotto.model;

import dev.sotto.core.Meter;
import dev.sotto.core.UnavailableException;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/// Stops asking a provider that keeps failing. It opens when half of the last [#WINDOW] outcomes, and at least
/// [#LEAST], were failures; after a rest one probe is let through, and its outcome closes the circuit or doubles the
/// rest. Thread-safe, never blocks.
final class CircuitBreaker {
    static final int WINDOW = 20;
    static final int LEAST = 5;
    static final Duration FIRST_REST = Duration.ofSeconds(5);
    static final Duration LONGEST_REST = Duration.ofSeconds(60);

    private final LongSupplier nanoTime;
    private final Meter meter;
    private final boolean[] failed = new boolean[WINDOW];
    private int outcomes;
    private int at;
    private int failures;
    private boolean open;
    private long openedAt;
    private long restNanos = FIRST_REST.toNanos();
    private @Nullable Permit probe;

    CircuitBreaker(LongSupplier nanoTime, Meter meter) {
        this.nanoTime = nanoTime;
        this.meter = meter;
    }

    /// What the circuit would say now.
    synchronized Health health() {
        if (!open) {
            return Health.GOOD;
        }
        return probe != null || rested() ? Health.PROBING : Health.RESTING;
    }

    /// @throws UnavailableException if nothing may be sent now
    synchronized Permit enter() {
        var permit = new Permit();
        if (open) {
            if (probe != null || !rested()) {
                throw new UnavailableException(
                        ModelError.CIRCUIT_OPEN, "the provider failed too often of late and is left alone");
            }
            probe = permit;
        }
        return permit;
    }

    private boolean rested() {
        return nanoTime.getAsLong() - openedAt >= restNanos;
    }

    private synchronized void succeeded(Permit permit) {
        if (probe == permit) {
            open = false;
            probe = null;
            restNanos = FIRST_REST.toNanos();
            outcomes = 0;
            at = 0;
            failures = 0;
        }
        if (!open) {
            record(false);
        }
    }

    private synchronized void failed(Permit permit) {
        if (probe == permit) {
            probe = null;
            restNanos = Math.min(restNanos * 2, LONGEST_REST.toNanos());
            openedAt = nanoTime.getAsLong();
        } else if (!open) {
            record(true);
            if (failures >= LEAST && failures * 2 >= outcomes) {
                open = true;
                openedAt = nanoTime.getAsLong();
                meter.count(ModelMetrics.CIRCUIT_OPENED);
            }
        }
    }

    private synchronized void forgotten(Permit permit) {
        if (probe == permit) {
            probe = null;
        }
    }

    private void record(boolean failure) {
        if (outcomes == WINDOW) {
            failures -= failed[at] ? 1 : 0;
        } else {
            outcomes++;
        }
        failed[at] = failure;
        failures += failure ? 1 : 0;
        at = (at + 1) % WINDOW;
    }

    /// One use of the provider. Its first outcome counts.
    final class Permit {
        private final AtomicBoolean settled = new AtomicBoolean();

        private Permit() {}

        void succeeded() {
            if (settled.compareAndSet(false, true)) {
                CircuitBreaker.this.succeeded(this);
            }
        }

        void failed() {
            if (settled.compareAndSet(false, true)) {
                CircuitBreaker.this.failed(this);
            }
        }

        /// What began well failed in the end: that counts, although the permit was settled before.
        void failedLate() {
            if (settled.getAndSet(true)) {
                CircuitBreaker.this.failed(new Permit());
            } else {
                CircuitBreaker.this.failed(this);
            }
        }

        /// The outcome says nothing about the provider.
        void forgotten() {
            if (settled.compareAndSet(false, true)) {
                CircuitBreaker.this.forgotten(this);
            }
        }
    }
}
