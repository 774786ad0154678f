package dev.sotto.model;

import dev.sotto.core.UnavailableException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/// What waits to be sent in a session, in order. Audio is bounded by dropping the oldest frame, everything else by
/// refusing more. Frames leave three at a time, unless an event waits behind them or time is up: each send costs the
/// same, however little is in it. Thread-safe; one thread takes.
final class Outbox {
    /// 2 s of 20 ms.
    static final int MAX_FRAMES = 100;
    static final int MAX_EVENTS = 600;
    /// 60 ms.
    static final int TOGETHER = 3;

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition added = lock.newCondition();
    private final ArrayDeque<Outgoing> waiting = new ArrayDeque<>();
    private int frames;

    sealed interface Outgoing {
        record Audio(List<AudioChunk> frames) implements Outgoing {
            public Audio {
                frames = List.copyOf(frames);
            }
        }

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
            waiting.add(new Outgoing.Audio(List.of(frame)));
            frames++;
            if (ready()) {
                added.signal();
            }
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

    /// Whether it is worth the while to send.
    private boolean ready() {
        return frames >= TOGETHER || waiting.size() > frames;
    }

    /// The next event or the next frames; fewer than go together only if no more came within `nanos`. Null if there was
    /// nothing.
    @Nullable
    Outgoing take(long nanos) throws InterruptedException {
        lock.lock();
        try {
            long left = nanos;
            while (!ready() && left > 0) {
                left = added.awaitNanos(left);
            }
            return waiting.peek() instanceof Outgoing.Audio ? frames() : waiting.poll();
        } finally {
            lock.unlock();
        }
    }

    private Outgoing frames() {
        var together = new ArrayList<AudioChunk>(TOGETHER);
        while (together.size() < TOGETHER && waiting.peek() instanceof Outgoing.Audio(List<AudioChunk> one)) {
            waiting.remove();
            frames--;
            together.addAll(one);
        }
        return new Outgoing.Audio(together);
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
