package dev.sotto.media;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.concurrent.atomic.LongAdder;

/// A histogram of microseconds with 16 steps to each power of two. Recording allocates nothing. Thread-safe; a
/// snapshot taken while others record may miss the latest.
final class LatenessRecorder {
    private static final int STEP_BITS = 4;
    private static final int STEPS = 1 << STEP_BITS;
    /// Up to 2^36 microseconds, about 19 hours; later is counted there.
    private static final int MAX_BITS = 36;
    private static final int CELLS = (MAX_BITS - STEP_BITS + 2) * STEPS;
    private static final int NANOS_PER_MICRO = 1_000;

    private final AtomicLongArray cells = new AtomicLongArray(CELLS);
    private final AtomicLong max = new AtomicLong();
    private final LongAdder shifted = new LongAdder();

    /// Counts a frame; one that was early was not late.
    void record(long lateNanos) {
        long micros = Math.max(0, lateNanos) / NANOS_PER_MICRO;
        cells.incrementAndGet(cell(micros));
        if (micros > max.get()) {
            max.accumulateAndGet(micros, Math::max);
        }
    }

    /// Counts a frame that lost its slot.
    void shifted() {
        shifted.increment();
    }

    Lateness snapshot() {
        var counts = new long[CELLS];
        long frames = 0;
        for (int i = 0; i < CELLS; i++) {
            counts[i] = cells.get(i);
            frames += counts[i];
        }
        long largest = max.get();
        return new Lateness(
                frames,
                shifted.sum(),
                quantile(counts, frames, 0.50, largest),
                quantile(counts, frames, 0.99, largest),
                micros(largest));
    }

    void reset() {
        for (int i = 0; i < CELLS; i++) {
            cells.set(i, 0);
        }
        max.set(0);
        shifted.reset();
    }

    private static Duration quantile(long[] counts, long frames, double share, long largest) {
        long wanted = (long) Math.ceil(frames * share);
        long seen = 0;
        for (int i = 0; i < counts.length; i++) {
            seen += counts[i];
            if (seen >= wanted && seen > 0) {
                return micros(Math.min(upperBound(i), largest));
            }
        }
        return Duration.ZERO;
    }

    private static Duration micros(long micros) {
        return Duration.ofNanos(micros * NANOS_PER_MICRO);
    }

    private static int cell(long micros) {
        if (micros < STEPS) {
            return (int) micros;
        }
        int exponent = Long.SIZE - 1 - Long.numberOfLeadingZeros(micros);
        if (exponent > MAX_BITS) {
            return CELLS - 1;
        }
        int step = (int) (micros >> (exponent - STEP_BITS)) & (STEPS - 1);
        return (exponent - STEP_BITS + 1) * STEPS + step;
    }

    private static long upperBound(int cell) {
        if (cell < STEPS) {
            return cell;
        }
        int shift = cell / STEPS - 1;
        return ((long) (STEPS + cell % STEPS + 1) << shift) - 1;
    }
}
