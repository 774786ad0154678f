package dev.sotto.model;

import dev.sotto.core.SottoException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/// Events that wait to be taken from a session, and how it ended. When too much waits the socket is not read on, so
/// nothing is lost and the provider waits. Thread-safe.
final class Inbox {
    static final int MAX_EVENTS = 512;
    static final long MAX_CHARACTERS = 4L << 20;

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final ArrayDeque<Waiting> waiting = new ArrayDeque<>();
    private long characters;
    private boolean paused;
    private @Nullable Runnable resume;
    private @Nullable SottoException failure;

    /// @param characters the length of the message that the event came in, counted once a message
    private record Waiting(RealtimeEvent event, long characters) {}

    /// Adds the events of one message. If there is room for more, `readOn` is run now, else when there is.
    void add(List<RealtimeEvent> events, long messageCharacters, Runnable readOn) {
        lock.lock();
        try {
            long size = messageCharacters;
            for (var event : events) {
                waiting.add(new Waiting(event, size));
                characters += size;
                size = 0;
            }
            changed.signalAll();
            paused = full();
            if (paused) {
                resume = readOn;
                return;
            }
        } finally {
            lock.unlock();
        }
        readOn.run();
    }

    private boolean full() {
        return waiting.size() >= MAX_EVENTS || characters >= MAX_CHARACTERS;
    }

    /// Whether the socket is not read because too much waits.
    boolean paused() {
        lock.lock();
        try {
            return paused;
        } finally {
            lock.unlock();
        }
    }

    /// The first failure stands.
    void fail(SottoException reason) {
        lock.lock();
        try {
            if (failure == null) {
                failure = reason;
            }
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /// Drops what waits.
    void clear() {
        lock.lock();
        try {
            waiting.clear();
            characters = 0;
        } finally {
            lock.unlock();
        }
    }

    /// The next event; empty if none came within `patience`.
    ///
    /// @throws SottoException if there is none and the session is over
    Optional<RealtimeEvent> next(Duration patience) {
        Runnable readOn = null;
        Optional<RealtimeEvent> next;
        lock.lock();
        try {
            long left = patience.toNanos();
            while (waiting.isEmpty() && failure == null) {
                if (left <= 0) {
                    return Optional.empty();
                }
                left = changed.awaitNanos(left);
            }
            var first = waiting.poll();
            if (first == null) {
                throw failure == null ? ModelHttp.interrupted() : failure;
            }
            characters -= first.characters();
            next = Optional.of(first.event());
            if (paused && !full()) {
                paused = false;
                readOn = resume;
                resume = null;
            }
        } catch (InterruptedException interrupted) {
            throw ModelHttp.interrupted();
        } finally {
            lock.unlock();
        }
        if (readOn != null) {
            readOn.run();
        }
        return next;
    }
}
