package dev.sotto.simulator;

import java.time.Duration;
import java.util.Iterator;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/// Does one thing after the other, each when it is due. Waits while the peer does not read. Not thread-safe: start it
/// and
/// cancel it on the thread of its timers.
final class Player {
    private static final Duration NOT_READY = Duration.ofMillis(5);
    private static final int AT_ONCE = 64;

    /// @param atMilliseconds of speech, from the start
    record Cue(long atMilliseconds, Runnable act) {}

    private final Timers timers;
    private final Pace pace;
    private final Iterator<Cue> cues;
    private final BooleanSupplier ready;
    private @Nullable Cue next;
    private Timers.@Nullable Timer timer;
    private long started;
    private boolean cancelled;
    private boolean ended;

    /// @param ready whether the peer takes more now
    Player(Timers timers, Pace pace, Iterator<Cue> cues, BooleanSupplier ready) {
        this.timers = timers;
        this.pace = pace;
        this.cues = cues;
        this.ready = ready;
    }

    void start(Duration delay) {
        if (delay.isZero()) {
            begin();
        } else {
            timer = timers.after(delay, this::begin);
        }
    }

    private void begin() {
        started = timers.nanos();
        play();
    }

    private void play() {
        timer = null;
        for (int done = 0; !cancelled; done++) {
            if (next == null) {
                if (!cues.hasNext()) {
                    ended = true;
                    return;
                }
                next = cues.next();
            }
            Cue cue = next;
            Duration wait = pace.due(cue.atMilliseconds()).minusNanos(timers.nanos() - started);
            if (wait.isPositive() || done >= AT_ONCE || !ready.getAsBoolean()) {
                timer = timers.after(
                        wait.isPositive() ? wait : done >= AT_ONCE ? Duration.ZERO : NOT_READY, this::play);
                return;
            }
            next = null;
            cue.act().run();
        }
    }

    /// Whether something is still to be done.
    boolean running() {
        return !ended && !cancelled;
    }

    /// Nothing more is done.
    void cancel() {
        cancelled = true;
        if (timer != null) {
            timer.cancel();
        }
    }
}
