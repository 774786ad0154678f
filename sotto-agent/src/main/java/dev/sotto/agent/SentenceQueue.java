package dev.sotto.agent;

import dev.sotto.core.SensitiveText;
import dev.sotto.core.SottoException;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// Sentences on their way to the mouth, so that the model goes on while one is being made. Bounded: a model that is
/// ahead waits. One thread puts, another runs.
final class SentenceQueue {
    private static final int AHEAD = 8;
    private static final long LOOK_MILLIS = 50;

    /// What waits; a number below 1 is the end.
    private record Waiting(long number, SensitiveText text) {}

    private static final Waiting END = new Waiting(0, SensitiveText.of(""));

    private final Mouth mouth;
    private final BooleanSupplier wanted;
    private final TurnClock clock;
    private final Consumer<Spoken> pieces;
    private final ArrayBlockingQueue<Waiting> queue = new ArrayBlockingQueue<>(AHEAD);
    private final CountDownLatch done = new CountDownLatch(1);
    private volatile boolean abandoned;
    private volatile boolean refused;
    private volatile @Nullable SottoException failure;

    SentenceQueue(Mouth mouth, BooleanSupplier wanted, TurnClock clock, Consumer<Spoken> pieces) {
        this.mouth = mouth;
        this.wanted = wanted;
        this.clock = clock;
        this.pieces = pieces;
    }

    /// Makes sentences until the end. Called once, on a thread of its own.
    void run() {
        try {
            while (goesOn()) {
                var next = queue.poll(LOOK_MILLIS, TimeUnit.MILLISECONDS);
                if (next != null && next.number() < 1) {
                    return;
                }
                if (next != null && !mouth.say(next.number(), next.text(), this::goesOn, clock, pieces)) {
                    refused = true;
                    return;
                }
            }
        } catch (SottoException failed) {
            failure = failed;
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
        } finally {
            done.countDown();
        }
    }

    private boolean goesOn() {
        return !abandoned && wanted.getAsBoolean();
    }

    /// Takes a sentence; waits while too many wait.
    ///
    /// @return false if nothing more will be said
    /// @throws SottoException what went wrong with one before
    boolean put(long number, SensitiveText text) throws InterruptedException {
        var waiting = new Waiting(number, text);
        while (done.getCount() > 0) {
            if (queue.offer(waiting, LOOK_MILLIS, TimeUnit.MILLISECONDS)) {
                return true;
            }
        }
        check();
        return false;
    }

    /// Waits until all is made.
    ///
    /// @return false if something may not be said
    /// @throws SottoException what went wrong
    boolean finish() throws InterruptedException {
        while (done.getCount() > 0 && !queue.offer(END, LOOK_MILLIS, TimeUnit.MILLISECONDS)) {
            // the mouth is still behind
        }
        while (!done.await(LOOK_MILLIS, TimeUnit.MILLISECONDS)) {
            // every sentence has a limit of its own
        }
        check();
        return !refused;
    }

    private void check() {
        var failed = failure;
        if (failed != null) {
            throw failed;
        }
    }

    /// Says nothing more.
    void abandon() {
        abandoned = true;
    }
}
