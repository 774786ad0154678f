package dev.sotto.model;

import dev.sotto.core.Meter;
import dev.sotto.core.SottoException;
import dev.sotto.core.UnavailableException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/// Events that one thread makes and another takes, over a bounded queue. Closing it ends both at once. Thread-safe.
final class Pump<E> implements AutoCloseable {
    private final int capacity;
    private final Meter meter;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final ArrayDeque<E> events = new ArrayDeque<>();
    private @Nullable SottoException failure;
    private boolean made;
    private boolean closed;
    private @Nullable Future<?> maker;

    /// What makes the events.
    interface Maker<E> {
        /// Puts events until there are no more. Ends with a [SottoException] if it fails; ends soon if interrupted.
        void make(Pump<E> into);
    }

    private Pump(int capacity, Meter meter) {
        this.capacity = capacity;
        this.meter = meter;
    }

    static <E> Pump<E> start(ExecutorService threads, int capacity, Meter meter, Maker<E> maker) {
        var pump = new Pump<E>(capacity, meter);
        try {
            pump.maker = threads.submit(() -> pump.run(maker));
        } catch (RejectedExecutionException closed) {
            throw new UnavailableException(ModelError.CANCELLED, "the endpoint is closed");
        }
        return pump;
    }

    private void run(Maker<E> maker) {
        @Nullable SottoException failed = new UnavailableException(ModelError.ANSWER_CUT, "the answer ended early");
        try {
            maker.make(this);
            failed = null;
        } catch (SottoException refused) {
            failed = ModelHttp.counted(meter, refused);
        } finally {
            lock.lock();
            try {
                if (!made) {
                    made = true;
                    failure = failed;
                }
                changed.signalAll();
            } finally {
                lock.unlock();
            }
        }
    }

    /// Waits for room and adds `event`.
    ///
    /// @throws UnavailableException if there was no room within `nanos`, or the thread was interrupted
    void put(E event, long nanos) {
        put(event, nanos, false);
    }

    /// The same for the event after which there is none, though the maker may still have something to tidy.
    void putLast(E event, long nanos) {
        put(event, nanos, true);
    }

    private void put(E event, long nanos, boolean last) {
        lock.lock();
        try {
            long left = nanos;
            while (events.size() >= capacity && !closed) {
                if (left <= 0) {
                    throw new UnavailableException(ModelError.TAKEN_TOO_SLOWLY, "the answer was not taken in time");
                }
                left = changed.awaitNanos(left);
            }
            if (closed) {
                throw cancelled();
            }
            events.add(event);
            made = last;
            changed.signalAll();
        } catch (InterruptedException interrupted) {
            throw ModelHttp.interrupted();
        } finally {
            lock.unlock();
        }
    }

    /// The next event; empty if none came within `patience`.
    ///
    /// @throws SottoException if the making failed; again at each later call
    /// @throws IllegalStateException if the last event was taken before
    Optional<E> next(Duration patience) {
        lock.lock();
        try {
            long left = patience.toNanos();
            while (events.isEmpty() && !made && !closed) {
                if (left <= 0) {
                    return Optional.empty();
                }
                left = changed.awaitNanos(left);
            }
            if (closed) {
                throw cancelled();
            }
            var event = events.poll();
            if (event != null) {
                changed.signalAll();
                return Optional.of(event);
            }
            if (failure != null) {
                throw failure;
            }
            throw new IllegalStateException("the last event was taken before");
        } catch (InterruptedException interrupted) {
            throw ModelHttp.interrupted();
        } finally {
            lock.unlock();
        }
    }

    private static UnavailableException cancelled() {
        return new UnavailableException(ModelError.CANCELLED, "the stream was closed");
    }

    /// Ends the making, unless the last event was made: then what its maker still tidies is let be, because giving it
    /// up
    /// would cost a connection that the next request can use.
    @Override
    public void close() {
        @Nullable Future<?> running;
        lock.lock();
        try {
            closed = true;
            events.clear();
            changed.signalAll();
            running = made ? null : maker;
        } finally {
            lock.unlock();
        }
        if (running != null) {
            running.cancel(true);
        }
    }
}
