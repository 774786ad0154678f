package dev.sotto.agent;

import dev.sotto.core.Meter;
import dev.sotto.core.SottoException;
import dev.sotto.store.NewTurn;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Keeps the turns of one call, in order, beside the call. After the first failure it keeps the rest in memory, so that
/// none is lost while the node lives. Thread-safe.
final class Scribe {
    private static final Logger log = LoggerFactory.getLogger(Scribe.class);

    private final CallFile file;
    private final Meter meter;
    private final int capacity;
    private final Runnable failed;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final CountDownLatch done = new CountDownLatch(1);
    private final ArrayDeque<Noted> waiting = new ArrayDeque<>();

    /// @param kept told once it is
    private record Noted(NewTurn turn, Runnable kept) {}

    private boolean closed;
    private boolean broken;
    private int noted;

    /// @param capacity how many turns a call may have
    /// @param failed told once when a turn could not be kept
    Scribe(CallFile file, Meter meter, int capacity, Runnable failed) {
        this.file = file;
        this.meter = meter;
        this.capacity = capacity;
        this.failed = failed;
    }

    void start(Executor executor) {
        executor.execute(this::run);
    }

    /// Takes a turn to keep. Returns how many were taken; those beyond the capacity are counted and gone.
    ///
    /// @param kept told, on the scribe's thread, once the turn is in the store; must not block
    int note(NewTurn turn, Runnable kept) {
        lock.lock();
        try {
            if (noted >= capacity) {
                meter.count("agent.turns.dropped");
            } else {
                waiting.addLast(new Noted(turn, kept));
                changed.signal();
            }
            return ++noted;
        } finally {
            lock.unlock();
        }
    }

    private void run() {
        try {
            while (keepNext()) {
                // until closed
            }
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
        } catch (RuntimeException bug) { // the root of the scribe's thread
            log.atError()
                    .addKeyValue("event", "agent.scribe.broken")
                    .addKeyValue("fault", bug.getClass().getName())
                    .log("turns are not kept because of a fault");
            failed.run();
        } finally {
            done.countDown();
        }
    }

    private boolean keepNext() throws InterruptedException {
        Noted next;
        lock.lockInterruptibly();
        try {
            while (waiting.isEmpty() && !closed) {
                changed.await();
            }
            if (waiting.isEmpty() || broken) {
                return false;
            }
            next = waiting.getFirst();
        } finally {
            lock.unlock();
        }
        try {
            file.append(next.turn());
        } catch (SottoException failure) {
            log.atWarn()
                    .addKeyValue("event", "agent.turn.unkept")
                    .addKeyValue("code", failure.code().name())
                    .log("a turn could not be kept");
            broken();
            failed.run();
            return false;
        }
        lock.lock();
        try {
            waiting.removeFirst();
        } finally {
            lock.unlock();
        }
        next.kept().run();
        return true;
    }

    private void broken() {
        lock.lock();
        try {
            broken = true;
        } finally {
            lock.unlock();
        }
    }

    /// Takes no more, waits until what was taken is kept, and gives back what is not.
    List<NewTurn> close(Duration timeout) throws InterruptedException {
        lock.lock();
        try {
            closed = true;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
        boolean stopped = done.await(timeout.toNanos(), TimeUnit.NANOSECONDS);
        lock.lock();
        try {
            if (!stopped) {
                broken = true;
            }
            return waiting.stream().map(Noted::turn).toList();
        } finally {
            lock.unlock();
        }
    }
}
