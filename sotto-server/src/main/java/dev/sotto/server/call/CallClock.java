package dev.sotto.server.call;

import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.locks.LockSupport;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The one thread that drives all streams of a [TwilioCaller]: a platform thread that ticks each of them every
/// 5 ms and sleeps while there is none. Thread-safe.
final class CallClock implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(CallClock.class);
    private static final long STEP_NANOS = 5_000_000;
    private static final long IDLE_NANOS = 1_000_000_000;

    /// Something with a sense of time. Must not block.
    interface Ticker {
        /// Does what is due.
        ///
        /// @return false when it wants no more ticks
        boolean tick(long now);
    }

    private final CopyOnWriteArrayList<Ticker> tickers = new CopyOnWriteArrayList<>();
    private final Thread thread;
    private volatile boolean closed;

    CallClock() {
        thread = Thread.ofPlatform().name("caller-clock").daemon().unstarted(this::run);
        thread.start();
    }

    void add(Ticker ticker) {
        tickers.add(ticker);
        LockSupport.unpark(thread);
    }

    void remove(Ticker ticker) {
        tickers.remove(ticker);
    }

    private void run() {
        long next = System.nanoTime();
        while (!closed) {
            for (Ticker ticker : tickers) {
                if (!tick(ticker)) {
                    tickers.remove(ticker);
                }
            }
            long now = System.nanoTime();
            // Steps that were missed are not made up for: each tick does all that is due.
            next = Math.max(next + STEP_NANOS, now - STEP_NANOS);
            long wait = tickers.isEmpty() ? IDLE_NANOS : next - now;
            if (wait > 0) {
                LockSupport.parkNanos(this, wait);
            }
        }
    }

    private static boolean tick(Ticker ticker) {
        try {
            return ticker.tick(System.nanoTime());
        } catch (RuntimeException failure) { // one call must not stop the others
            LOG.atError()
                    .setCause(failure)
                    .addKeyValue("event", "call.tick.failed")
                    .log("a call broke");
            return false;
        }
    }

    @Override
    public void close() {
        closed = true;
        LockSupport.unpark(thread);
    }
}
