package dev.sotto.media;

import dev.sotto.core.Meter;
import io.netty.util.concurrent.EventExecutor;
import java.time.Duration;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Asks the desk on virtual threads: so many at once and no more, each with a deadline. Thread-safe; never blocks.
@SuppressWarnings("FutureReturnValueIgnored") // tasks settle their outcome themselves
final class DeskCalls implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(DeskCalls.class);

    private final ExecutorService threads = Executors.newThreadPerTaskExecutor(
            Thread.ofVirtual().name("media-desk-", 0).factory());
    private final Semaphore places;
    private final int limit;
    private final Duration timeout;
    private final Meter meter;

    DeskCalls(EdgeLimits limits, Meter meter) {
        this.limit = limits.maxDeskCalls();
        this.places = new Semaphore(limit);
        this.timeout = limits.deskTimeout();
        this.meter = meter;
    }

    /// What becomes of an answer. The first two run on the event loop, and exactly one of them does.
    ///
    /// @param answered the desk's answer, in time
    /// @param failed no place, no answer in time, or an exception
    /// @param late an answer after `failed`, on the virtual thread
    record Outcome<T>(Consumer<T> answered, Runnable failed, Consumer<T> late) {}

    <T> void ask(EventExecutor loop, String metric, Supplier<T> question, Outcome<T> outcome) {
        if (!places.tryAcquire()) {
            outcome.failed().run();
            return;
        }
        var settled = new AtomicBoolean();
        Future<?> running;
        try {
            running = threads.submit(() -> answer(loop, metric, question, outcome, settled));
        } catch (RejectedExecutionException closed) {
            places.release();
            outcome.failed().run();
            return;
        }
        loop.schedule(
                () -> {
                    if (settled.compareAndSet(false, true)) {
                        running.cancel(true);
                        outcome.failed().run();
                    }
                },
                timeout.toNanos(),
                TimeUnit.NANOSECONDS);
    }

    int waiting() {
        return limit - places.availablePermits();
    }

    private <T> void answer(
            EventExecutor loop, String metric, Supplier<T> question, Outcome<T> outcome, AtomicBoolean settled) {
        long begun = System.nanoTime();
        T answer;
        try {
            answer = question.get();
        } catch (RuntimeException failure) { // the root of this thread
            meter.count(MediaMetrics.CALLBACK_FAILED);
            LOG.atWarn()
                    .addKeyValue("event", "media.desk.failed")
                    .addKeyValue("failure", failure.getClass().getSimpleName())
                    .log("the desk failed");
            if (settled.compareAndSet(false, true)) {
                execute(loop, outcome.failed(), () -> {});
            }
            return;
        } finally {
            places.release();
            meter.time(metric, Duration.ofNanos(System.nanoTime() - begun));
        }
        if (settled.compareAndSet(false, true)) {
            execute(
                    loop,
                    () -> outcome.answered().accept(answer),
                    () -> outcome.late().accept(answer));
        } else {
            outcome.late().accept(answer);
        }
    }

    private static void execute(EventExecutor loop, Runnable task, Runnable otherwise) {
        try {
            loop.execute(task);
        } catch (RejectedExecutionException closed) {
            otherwise.run();
        }
    }

    @Override
    public void close() {
        threads.shutdownNow();
    }
}
