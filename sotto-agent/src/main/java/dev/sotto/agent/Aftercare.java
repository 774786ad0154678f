package dev.sotto.agent;

import dev.sotto.core.ConflictException;
import dev.sotto.core.Meter;
import dev.sotto.core.SottoException;
import dev.sotto.core.UnavailableException;
import dev.sotto.store.NewTurn;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.concurrent.Executor;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Keeps what a call could not, once the store or the audit log answers again. Bounded: beyond that the oldest is given
/// up and counted; the next start finds such a call as lost. Thread-safe.
final class Aftercare {
    private static final Logger log = LoggerFactory.getLogger(Aftercare.class);
    private static final int MAX_CALLS = 1_000;

    private final Timers timers;
    private final Executor beside;
    private final Meter meter;
    private final Duration pause;
    private final ArrayDeque<CallEnd> waiting = new ArrayDeque<>();
    private boolean trying;

    Aftercare(Timers timers, Executor beside, Meter meter, Duration pause) {
        this.timers = timers;
        this.beside = beside;
        this.meter = meter;
        this.pause = pause;
        meter.gauge("agent.aftercare.waiting", this::size);
    }

    /// Takes over a call that ended with something unkept.
    void take(CallEnd end) {
        synchronized (waiting) {
            if (waiting.size() >= MAX_CALLS) {
                waiting.removeFirst();
                meter.count("agent.aftercare.dropped");
            }
            waiting.addLast(end);
            if (trying) {
                return;
            }
            trying = true;
        }
        tryLater();
    }

    int size() {
        synchronized (waiting) {
            return waiting.size();
        }
    }

    private void tryLater() {
        timers.after(pause, () -> beside.execute(this::tryAll));
    }

    private void tryAll() {
        while (true) {
            CallEnd next;
            synchronized (waiting) {
                if (waiting.isEmpty()) {
                    trying = false;
                    return;
                }
                next = waiting.getFirst();
            }
            if (!keep(next)) {
                tryLater();
                return;
            }
            synchronized (waiting) {
                waiting.remove(next);
            }
        }
    }

    /// False if it should be tried again.
    private boolean keep(CallEnd end) {
        try {
            for (NewTurn turn : end.turns()) {
                append(end.file(), turn);
            }
            end.file().end(end.outcome(), end.at());
            return true;
        } catch (UnavailableException down) {
            return false;
        } catch (SottoException fault) {
            meter.count("agent.aftercare.refused");
            log.atError()
                    .addKeyValue("event", "agent.aftercare.refused")
                    .addKeyValue("code", fault.code().name())
                    .log("what was left of a call could not be kept");
            return true;
        }
    }

    private static void append(CallFile file, NewTurn turn) {
        try {
            file.append(turn);
        } catch (ConflictException kept) {
            // It was kept although the answer did not come.
        }
    }
}
