package dev.sotto.media;

import java.time.Duration;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// One platform thread that ticks every leg at the moment it asks for. The thread parks and does nothing else
/// that waits. Thread-safe.
final class MediaClock implements AutoCloseable {
    /// Returned by a ticker that wants no more ticks.
    static final long DONE = -1;

    private static final Logger LOG = LoggerFactory.getLogger(MediaClock.class);
    /// Ticks closer together than this share a wake-up.
    private static final long QUANTUM_NANOS = 4_000_000;
    private static final long MAX_PARK_NANOS = 100_000_000;

    /// Something to be ticked.
    interface Ticker {
        /// Called on the clock's thread; must not block.
        ///
        /// @return in how many nanoseconds to call again, or [MediaClock#DONE]
        long tick(long nowNanos);
    }

    private final AtomicReference<Ticker[]> tickers = new AtomicReference<>(new Ticker[0]);
    private final LongSupplier nanos;
    private final Thread thread;
    private volatile boolean closing;

    MediaClock(LongSupplier nanos) {
        this.nanos = nanos;
        this.thread = Thread.ofPlatform().name("media-clock").daemon().start(this::run);
    }

    void add(Ticker ticker) {
        tickers.updateAndGet(all -> {
            var more = Arrays.copyOf(all, all.length + 1);
            more[all.length] = ticker;
            return more;
        });
        wake();
    }

    /// Has every ticker asked again soon.
    void wake() {
        LockSupport.unpark(thread);
    }

    int size() {
        return tickers.get().length;
    }

    private void run() {
        while (true) {
            long wait = MAX_PARK_NANOS;
            for (var ticker : tickers.get()) {
                long asked = tick(ticker);
                if (asked == DONE) {
                    remove(ticker);
                } else if (asked < wait) {
                    wait = asked;
                }
            }
            if (closing && tickers.get().length == 0) {
                return;
            }
            LockSupport.parkNanos(this, Math.max(wait, QUANTUM_NANOS));
        }
    }

    private long tick(Ticker ticker) {
        try {
            return ticker.tick(nanos.getAsLong());
        } catch (RuntimeException failure) { // the root of this thread: one leg must not stop the others
            LOG.atError()
                    .addKeyValue("event", "media.clock.tick.failed")
                    .addKeyValue("failure", failure.getClass().getSimpleName())
                    .log("a leg failed");
            return DONE;
        }
    }

    private void remove(Ticker ticker) {
        tickers.updateAndGet(
                all -> Arrays.stream(all).filter(each -> !each.equals(ticker)).toArray(Ticker[]::new));
    }

    /// Waits until every ticker is done, but not longer than `patience`; the thread ends when they are.
    void close(Duration patience) {
        closing = true;
        wake();
        try {
            thread.join(patience);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
        tickers.set(new Ticker[0]);
        wake();
    }

    @Override
    public void close() {
        close(Duration.ZERO.plusMillis(1));
    }
}
