package dev.sotto.server.faults;

import dev.sotto.core.UnavailableException;
import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.locks.LockSupport;

/// Waits for something to become true, and no longer than it takes.
final class Await {
    /// A machine that builds other things meanwhile is slow; what is measured has limits of its own.
    static final Duration PATIENCE = Duration.ofSeconds(60);

    private static final long PAUSE_NANOS = 20_000_000;

    private Await() {}

    /// A node that does not answer yet has not said no: it is asked again.
    ///
    /// @throws AssertionError if `condition` is not true within [#PATIENCE]
    static void until(String what, Callable<Boolean> condition) throws Exception {
        until(what, PATIENCE, condition);
    }

    static void until(String what, Duration limit, Callable<Boolean> condition) throws Exception {
        long end = System.nanoTime() + limit.toNanos();
        while (true) {
            UnavailableException unanswered = null;
            try {
                if (condition.call()) {
                    return;
                }
            } catch (UnavailableException down) {
                unanswered = down;
            }
            if (System.nanoTime() - end > 0) {
                throw new AssertionError("not within %d s: %s".formatted(limit.toSeconds(), what), unanswered);
            }
            LockSupport.parkNanos(PAUSE_NANOS);
        }
    }
}
