package dev.sotto.agent;

import dev.sotto.core.DataClass;
import dev.sotto.core.DeniedException;
import dev.sotto.core.Passage;
import dev.sotto.core.SottoException;
import dev.sotto.core.UnavailableException;
import dev.sotto.media.AudioClip;
import dev.sotto.media.Mulaw;
import dev.sotto.model.AudioChunk;
import dev.sotto.model.ChatDraft;
import dev.sotto.model.ModelError;
import dev.sotto.model.RealtimeEvent;
import dev.sotto.model.RealtimeSession;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// The line of one call to a realtime provider: the caller's sound goes there under a passage, and its events come
/// back.
/// A session that breaks is opened anew once, with the conversation as the guard allows it then. Thread-safe.
final class GatedLine {
    static final String PURPOSE = "realtime";
    /// From the moment a session broke.
    static final Duration REOPENED = Duration.ofMillis(1_500);

    /// 2 s of sound wait while there is no session.
    private static final int MOST_FRAMES = 100;

    private static final Duration LOOK = Duration.ofMillis(50);

    /// Told on the line's own thread.
    interface Listener {
        void happened(RealtimeEvent event);

        /// Often, while there is a session.
        void look();

        /// The session broke; another may follow.
        void broken();

        /// There is another session.
        void reopened();

        /// There is no session any more, and will be none.
        void lost(String event, SottoException failure);
    }

    /// What a line works with.
    ///
    /// @param conversation the instructions and what was said so far, for a session to begin with
    record Parts(
            GatedModels models, TurnGuard guard, Supplier<ChatDraft> conversation, CallerTurns turns, Beside beside) {}

    private final Parts parts;
    private final Listener listener;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final ArrayDeque<byte[]> unsent = new ArrayDeque<>();
    private volatile @Nullable Passage passage;
    private volatile @Nullable RealtimeSession session;
    private long number;
    private long sentBytes;
    private boolean interrupted;
    private boolean listening;
    private boolean reopened;
    private boolean closed;

    GatedLine(Parts parts, Listener listener) {
        this.parts = parts;
        this.listener = listener;
    }

    /// A session, and which of the line's it is.
    record Open(RealtimeSession session, long number) {}

    /// Opens the line and runs it to its end. Blocks.
    void run() {
        try {
            var granted = parts.guard().grant(parts.models().destination(), DataClass.RECORDING, PURPOSE);
            if (!keep(granted)) {
                granted.close();
                return;
            }
            open();
            while (true) {
                try {
                    pump();
                    return;
                } catch (SottoException broken) {
                    reopen(broken);
                }
            }
        } catch (SottoException failure) {
            if (!isClosed()) {
                listener.lost(event(failure), failure);
            }
        } finally {
            close();
        }
    }

    private static String event(SottoException failure) {
        return failure instanceof DeniedException ? "agent.gated.ungranted" : "agent.gated.lost";
    }

    private boolean keep(Passage granted) {
        lock.lock();
        try {
            if (!closed) {
                passage = granted;
            }
            return !closed;
        } finally {
            lock.unlock();
        }
    }

    /// Opens the first session. While the announcement plays there is time to try again.
    private void open() {
        try {
            connect();
        } catch (UnavailableException late) {
            if (isClosed()) {
                throw late;
            }
            parts.beside().meter().count("agent.gated.reopening");
            connect();
        }
    }

    /// Opens a session, unless the line is closed before it is there.
    private void connect() {
        var draft = parts.conversation().get();
        var allowed = parts.guard()
                .decide(parts.models().destination(), DataClass.TURN_CONTEXT, PURPOSE, draft.pieces())
                .orElseThrow(() -> new DeniedException(
                        AgentError.OUT_OF_POLICY, "the guard does not let the conversation be told"));
        var under = passage;
        if (under == null) {
            throw gone();
        }
        var opened = parts.models().sessions().open(draft.allowed(allowed), under);
        lock.lock();
        try {
            if (closed) {
                opened.close();
                throw gone();
            }
            session = opened;
            number++;
            sentBytes = 0;
            interrupted = true;
            for (var frame = unsent.poll(); frame != null; frame = unsent.poll()) {
                opened.hear(chunk(frame));
                sentBytes += frame.length;
            }
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    private void pump() {
        for (var open = session; open != null && !isClosed(); open = session) {
            open.next(LOOK).ifPresent(listener::happened);
            listener.look();
        }
    }

    /// @param broken why there is no session now; what is thrown if there will be none
    private void reopen(SottoException broken) {
        lock.lock();
        try {
            session = null;
            if (closed || reopened || broken.code() != ModelError.SESSION_ENDED || passage == null || !passage.open()) {
                throw broken;
            }
            reopened = true;
        } finally {
            lock.unlock();
        }
        parts.beside().meter().count("agent.gated.reopening");
        listener.broken();
        var opening = new FutureTask<>(this::connect, true);
        if (!parts.beside().start(opening)) {
            throw broken;
        }
        try {
            opening.get(REOPENED.toNanos(), TimeUnit.NANOSECONDS);
        } catch (TimeoutException late) {
            close();
            opening.cancel(true);
            listener.lost("agent.gated.lost", broken);
            return;
        } catch (ExecutionException failed) {
            throw failed.getCause() instanceof SottoException reason ? reason : broken;
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
            throw broken;
        }
        listener.reopened();
    }

    /// Whether what the caller says goes there.
    void listen(boolean now) {
        lock.lock();
        try {
            if (listening && !now) {
                unsent.clear();
                if (session != null) {
                    session.forget();
                }
            }
            interrupted |= !now;
            listening = now;
        } finally {
            lock.unlock();
        }
    }

    /// A frame of the caller. The array is not kept.
    void hear(byte[] mulaw) {
        lock.lock();
        try {
            if (!listening || closed) {
                return;
            }
            if (session != null) {
                if (interrupted) {
                    interrupted = false;
                    parts.turns().sending(sentBytes);
                }
                session.hear(chunk(mulaw));
                sentBytes += mulaw.length;
                return;
            }
            if (unsent.size() == MOST_FRAMES) {
                unsent.removeFirst();
                parts.beside().meter().count("agent.gated.frames.dropped");
            }
            unsent.addLast(mulaw.clone());
        } finally {
            lock.unlock();
        }
    }

    private AudioChunk chunk(byte[] mulaw) {
        return parts.models().wide()
                ? AudioChunk.pcm16(Mulaw.decode(mulaw), AudioClip.SAMPLE_RATE_HERTZ)
                : AudioChunk.mulaw(mulaw);
    }

    /// The session; waits for one that is being opened.
    ///
    /// @throws UnavailableException if there is none in time
    Open await() throws InterruptedException {
        lock.lockInterruptibly();
        try {
            long left = REOPENED.multipliedBy(2).toNanos();
            while (session == null && !closed && left > 0) {
                left = changed.awaitNanos(left);
            }
            if (session == null || closed) {
                throw gone();
            }
            return new Open(session, number);
        } finally {
            lock.unlock();
        }
    }

    /// The session, if there is one now.
    Optional<RealtimeSession> now() {
        lock.lock();
        try {
            return Optional.ofNullable(closed ? null : session);
        } finally {
            lock.unlock();
        }
    }

    /// Which session it is now.
    long number() {
        lock.lock();
        try {
            return number;
        } finally {
            lock.unlock();
        }
    }

    private boolean isClosed() {
        lock.lock();
        try {
            return closed;
        } finally {
            lock.unlock();
        }
    }

    private static UnavailableException gone() {
        return new UnavailableException(ModelError.SESSION_ENDED, "there is no session");
    }

    /// Ends it: nothing more is sent. What the passage counted is recorded beside. The second and later calls do
    /// nothing.
    void close() {
        RealtimeSession open;
        Passage counted;
        lock.lock();
        try {
            closed = true;
            open = session;
            session = null;
            counted = passage;
            passage = null;
            unsent.clear();
            changed.signalAll();
        } finally {
            lock.unlock();
        }
        if (open != null) {
            open.close();
        }
        if (counted != null) {
            parts.beside().finish(counted::close);
        }
    }
}
