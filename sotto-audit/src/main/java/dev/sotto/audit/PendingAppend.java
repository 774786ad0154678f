package dev.sotto.audit;

import dev.sotto.core.AuditReceipt;
import dev.sotto.core.UnavailableException;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/// One append on its way: a caller waits, the sequencer settles it. Thread-safe.
final class PendingAppend {
    private enum State {
        /// In the queue; the caller may still take it back.
        QUEUED,
        /// In a batch: it may become durable at any time.
        TAKEN,
        /// Its caller gave up: it is not written if it is not written yet.
        GIVEN_UP
    }

    private final Draft draft;
    private final boolean mayExist;
    private final AtomicReference<State> state = new AtomicReference<>(State.QUEUED);
    private final CountDownLatch settled = new CountDownLatch(1);
    private volatile @Nullable AuditReceipt receipt;
    private volatile AuditError failure = AuditError.AUDIT_DATABASE;

    /// An append of `draft`.
    ///
    /// @param mayExist whether an earlier append of the same draft may have been written
    PendingAppend(Draft draft, boolean mayExist) {
        this.draft = draft;
        this.mayExist = mayExist;
    }

    Draft draft() {
        return draft;
    }

    boolean mayExist() {
        return mayExist;
    }

    /// Puts it into a batch; false if its caller gave up.
    boolean take() {
        return state.compareAndSet(State.QUEUED, State.TAKEN);
    }

    boolean givenUp() {
        return state.get() == State.GIVEN_UP;
    }

    void succeed(AuditReceipt where) {
        receipt = where;
        settled.countDown();
    }

    void fail(AuditError why) {
        failure = why;
        settled.countDown();
    }

    /// Takes it back: it is not written any more, unless it is being written now.
    void abandon() {
        state.set(State.GIVEN_UP);
    }

    /// Waits until it is durable.
    ///
    /// @throws UnavailableException if it may not be
    AuditReceipt await(Duration timeout) {
        try {
            if (!settled.await(timeout.toNanos(), TimeUnit.NANOSECONDS)) {
                throw giveUp("in time (%s)".formatted(timeout));
            }
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw giveUp("before the thread was interrupted");
        }
        AuditReceipt where = receipt;
        if (where != null) {
            return where;
        }
        throw new UnavailableException(failure, "audit entry may not be recorded");
    }

    private UnavailableException giveUp(String when) {
        State before = state.getAndSet(State.GIVEN_UP);
        String outcome = before == State.QUEUED ? "was not recorded" : "may not be recorded";
        return new UnavailableException(AuditError.AUDIT_TIMEOUT, "audit entry %s %s".formatted(outcome, when));
    }
}
