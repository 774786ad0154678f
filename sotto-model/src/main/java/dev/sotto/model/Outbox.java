package dev.sotto.model;

import dev.sotto.core.UnavailableException;
import java.util.ArrayDeque;
import java.util.Iterator;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/// What waits to be sent in a session, in order. Audio is bounded by dropping the oldest frame, everything else by
/// refusing more. Thread-safe; one thread takes.
final class Outbox {
    /// 2 s of 20 ms.
    static final int MAX_FRAMES = 100;
    static final int MAX_EVENTS = 600;

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition added = lock.newCondition();
    private final ArrayDeque<Outgoing> waiting = new ArrayDeque<>();
    private int frames;

    sealed interface Outgoing {
        record Audio(AudioChunk frame) implements Outgoing {}

        record Event(String json) implements Outgoing {
            @Override
            public String toString() {
                return "Event[length=%d]".formatted(json.length());
            }
        }
    }

    /// False if the oldest frame was dropped for it.
    boolean add(AudioChunk frame) {
        lock.lock();
        try {
            boolean room = frames < MAX_FRAMES;
            if (!room) {
                dropOldest();
            }
            waiting.add(new Outgoing.Audio(frame));
            frames++;
            added.signal();
            return room;
        } finally {
            lock.unlock();
        }
    }

    private void dropOldest() {
        for (Iterator<Outgoing> oldest = waiting.iterator(); oldest.hasNext(); ) {
            if (oldest.next() instanceof Outgoing.Audio) {
                oldest.remove();
                frames--;
                return;
            }
        }
    }

    /// Adds an event.
    ///
    /// @throws UnavailableException if too many wait
    void add(String json) {
        lock.lock();
        try {
            if (waiting.size() - frames >= MAX_EVENTS) {
                throw new UnavailableException(
                        ModelError.SESSION_OVERRUN,
                        "events that wait to be sent must be at most %d".formatted(MAX_EVENTS));
            }
            waiting.add(new Outgoing.Event(json));
            added.signal();
        } finally {
            lock.unlock();
        }
    }

    /// The next one, or null if there was none within `nanos`.
    @Nullable
    Outgoing take(long nanos) throws InterruptedException {
        lock.lock();
        try {
            long left = nanos;
            while (waiting.isEmpty() && left > 0) {
                left = added.awaitNanos(left);
            }
            var next = waiting.poll();
            if (next instanceof Outgoing.Audio) {
                frames--;
            }
            return next;
        } finally {
            lock.unlock();
        }
    }

    /// Drops what waits.
    void clear() {
        lock.lock();
        try {
            waiting.clear();
            frames = 0;
        } finally {
            lock.unlock();
        }
    }
}
