package dev.sotto.simulator;

import java.time.Duration;
import java.util.Comparator;
import java.util.PriorityQueue;

/// Time that moves when it is told to.
final class ManualTimers implements Timers {
    private record Due(long at, long order, Runnable task) {}

    private final PriorityQueue<Due> waiting =
            new PriorityQueue<>(Comparator.comparingLong(Due::at).thenComparingLong(Due::order));
    private long now;
    private long order;

    @Override
    public long nanos() {
        return now;
    }

    @Override
    public Timer after(Duration delay, Runnable task) {
        var due = new Due(now + delay.toNanos(), order++, task);
        waiting.add(due);
        return () -> waiting.remove(due);
    }

    /// Moves on, and does what falls due, at most 100,000 things.
    void advance(Duration step) {
        long until = now + step.toNanos();
        for (int done = 0;
                done < 100_000 && !waiting.isEmpty() && waiting.peek().at() <= until;
                done++) {
            Due due = waiting.remove();
            now = Math.max(now, due.at());
            due.task().run();
        }
        now = until;
    }

    boolean idle() {
        return waiting.isEmpty();
    }
}
