package dev.sotto.guard;

import static java.util.concurrent.TimeUnit.NANOSECONDS;

import dev.sotto.core.BugException;
import dev.sotto.core.LimitedException;
import dev.sotto.core.SottoException;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeoutException;

/// Runs a detector that is not ours beside the caller and does not wait longer than the deadline. At most
/// [#MAX_RUNNING] of its runs exist; those that never end use them up, and then every text is refused.
final class GuestDetector implements Detector {
    private static final int MAX_RUNNING = 64;

    private final Detector guest;
    private final Semaphore running = new Semaphore(MAX_RUNNING);

    GuestDetector(Detector guest) {
        this.guest = guest;
    }

    @Override
    public String name() {
        return guest.name();
    }

    @Override
    public List<Finding> detect(Utterance utterance, Deadline deadline) {
        if (!running.tryAcquire()) {
            throw new LimitedException(GuardError.DETECTION_LATE, "too many runs of a detector have not ended");
        }
        var task = new FutureTask<List<Finding>>(() -> {
            try {
                return List.copyOf(guest.detect(utterance, deadline));
            } finally {
                running.release();
            }
        });
        Thread thread = Thread.ofVirtual().name("guard-detector").start(task);
        try {
            return task.get(Math.max(0, deadline.left().toNanos()), NANOSECONDS);
        } catch (TimeoutException late) {
            thread.interrupt();
            throw new LimitedException(GuardError.DETECTION_LATE, "a detector did not end in time");
        } catch (InterruptedException interrupted) {
            thread.interrupt();
            Thread.currentThread().interrupt();
            throw new LimitedException(GuardError.DETECTION_LATE, "detection was interrupted");
        } catch (ExecutionException failed) {
            if (failed.getCause() instanceof SottoException known) {
                throw known;
            }
            // The foreign message may quote the text, so it goes no further.
            throw new BugException(GuardError.DETECTION_FAILED, "a detector failed");
        }
    }
}
