package dev.sotto.agent;

import java.time.Duration;
import java.util.EnumMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// The timers of one call. A wake-up becomes an event with a number, so that one that was called off too late is known
/// to be stale. Belongs to the call loop's thread.
final class CallTimers {
    private record Running(long number, Timers.Handle handle) {}

    private final Timers timers;
    private final Mailbox mailbox;
    private final Map<CallTimer, Running> running = new EnumMap<>(CallTimer.class);
    private long number;

    CallTimers(Timers timers, Mailbox mailbox) {
        this.timers = timers;
        this.mailbox = mailbox;
    }

    /// Starts a timer, or starts it again.
    void start(CallTimer timer, Duration after) {
        stop(timer);
        var event = new CallEvent.Timeout(timer, ++number);
        running.put(timer, new Running(number, timers.after(after, () -> mailbox.post(event))));
    }

    void stop(CallTimer timer) {
        cancel(running.remove(timer));
    }

    void stopAll() {
        running.values().forEach(CallTimers::cancel);
        running.clear();
    }

    /// Whether this wake-up is of the running timer; it then runs no more.
    boolean rang(CallEvent.Timeout event) {
        var current = running.get(event.timer());
        if (current == null || current.number() != event.number()) {
            return false;
        }
        running.remove(event.timer());
        return true;
    }

    private static void cancel(@Nullable Running timer) {
        if (timer != null) {
            timer.handle().cancel();
        }
    }
}
