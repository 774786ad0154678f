package dev.sotto.agent;

import dev.sotto.testkit.ManualClock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.TimeUnit;

/// Time that passes only when a test says so. Thread-safe.
final class FakeTimers implements Timers {
    private static final long PATIENCE_SECONDS = 10;

    private record Due(long at, long order, boolean media, Runnable task) {}

    private final List<Due> pending = new ArrayList<>();
    private final ManualClock clock = new ManualClock(Instant.parse("2026-11-20T15:00:00Z"));
    private long now;
    private long order;

    ManualClock clock() {
        return clock;
    }

    @Override
    public Handle after(Duration delay, Runnable task) {
        return after(delay, false, task);
    }

    /// What the line does in time; nobody waits for it with [#awaitPending].
    Handle media(Duration delay, Runnable task) {
        return after(delay, true, task);
    }

    private synchronized Handle after(Duration delay, boolean media, Runnable task) {
        var due = new Due(now + delay.toNanos(), order++, media, task);
        pending.add(due);
        notifyAll();
        return () -> {
            synchronized (FakeTimers.this) {
                pending.remove(due);
            }
        };
    }

    @Override
    public synchronized long nanoTime() {
        return now;
    }

    synchronized Duration now() {
        return Duration.ofNanos(now);
    }

    /// Lets time pass; what falls due runs on this thread, in order.
    void advance(Duration step) {
        long until;
        synchronized (this) {
            until = now + step.toNanos();
        }
        while (true) {
            Due next;
            synchronized (this) {
                next = pending.stream()
                        .filter(due -> due.at() <= until)
                        .min(Comparator.comparingLong(Due::at).thenComparingLong(Due::order))
                        .orElse(null);
                move(next == null ? until : Math.max(now, next.at()));
                if (next == null) {
                    return;
                }
                pending.remove(next);
            }
            next.task().run();
        }
    }

    /// Lets time pass without running anything: somebody was slow.
    synchronized void elapse(Duration step) {
        move(now + step.toNanos());
    }

    private void move(long to) {
        clock.advance(Duration.ofNanos(to - now));
        now = to;
    }

    /// Waits until something is due in exactly `delay` from now.
    synchronized void awaitPending(Duration delay) throws InterruptedException {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
        while (pending.stream().noneMatch(due -> !due.media() && due.at() - now == delay.toNanos())) {
            if (System.nanoTime() > deadline) {
                throw new AssertionError("nothing is due in %s; due are %s"
                        .formatted(
                                delay,
                                pending.stream()
                                        .filter(due -> !due.media())
                                        .map(due -> Duration.ofNanos(due.at() - now))
                                        .toList()));
            }
            wait(100);
        }
    }

    synchronized int pending() {
        return pending.size();
    }
}
