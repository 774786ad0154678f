package dev.sotto.server.call;

import dev.sotto.core.RejectedException;
import dev.sotto.server.node.ServerError;
import java.net.http.WebSocket;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Iterator;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/// One WebSocket with a bounded queue before it, since the JDK's takes one message at a time. When the peer
/// takes nothing, audio is dropped, oldest first; anything else ends the stream. Thread-safe.
final class StreamSocket implements WebSocket.Listener, CallerLeg.Wire {
    private static final int MAX_WAITING = 500;

    /// What comes from the peer. `received` in order, `ended` once and last.
    interface Incoming {
        void received(ServerMessage message);

        /// The stream is over.
        ///
        /// @param failure null if the peer closed it in good order
        void ended(@Nullable Throwable failure);
    }

    private record Waiting(String text, boolean audio) {}

    private final Incoming incoming;
    private final StringBuilder partial = new StringBuilder();
    private final ReentrantLock lock = new ReentrantLock();
    // Guarded by lock.
    private final Deque<Waiting> queue = new ArrayDeque<>();
    private @Nullable WebSocket socket;
    private boolean sending;
    private boolean closing;
    private boolean ended;
    private long dropped;

    StreamSocket(Incoming incoming) {
        this.incoming = incoming;
    }

    @Override
    public void onOpen(WebSocket opened) {
        lock.lock();
        try {
            socket = opened;
        } finally {
            lock.unlock();
        }
        opened.request(1);
        sendNext();
    }

    @Override
    public @Nullable CompletionStage<?> onText(WebSocket from, CharSequence data, boolean last) {
        if (partial.length() + data.length() > ServerMessage.MAX_CHARACTERS) {
            fail(new RejectedException(
                    ServerError.CALL_FAILED,
                    "a stream message must have at most %d characters".formatted(ServerMessage.MAX_CHARACTERS)));
            return null;
        }
        partial.append(data);
        if (last) {
            String text = partial.toString();
            partial.setLength(0);
            try {
                incoming.received(ServerMessage.read(text));
            } catch (RejectedException malformed) {
                fail(malformed);
                return null;
            }
        }
        from.request(1);
        return null;
    }

    @Override
    public @Nullable CompletionStage<?> onBinary(WebSocket from, ByteBuffer data, boolean last) {
        from.request(1); // nothing of the protocol is binary
        return null;
    }

    @Override
    public @Nullable CompletionStage<?> onClose(WebSocket from, int statusCode, String reason) {
        end(null);
        return null;
    }

    @Override
    public void onError(WebSocket from, Throwable error) {
        end(error);
    }

    @Override
    public void send(String message, boolean audio) {
        lock.lock();
        try {
            if (closing || ended) {
                return;
            }
            if (queue.size() >= MAX_WAITING && !dropOldestAudio()) {
                fail(new RejectedException(ServerError.CALL_FAILED, "the server does not take what the caller sends"));
                return;
            }
            queue.add(new Waiting(message, audio));
        } finally {
            lock.unlock();
        }
        sendNext();
    }

    /// Closes the stream after what waits.
    void close() {
        lock.lock();
        try {
            closing = true;
        } finally {
            lock.unlock();
        }
        sendNext();
    }

    /// Closes the stream at once.
    void abort() {
        WebSocket open = opened();
        if (open != null) {
            open.abort();
        }
        end(null);
    }

    /// Frames of the caller's voice that the peer did not take in time.
    long dropped() {
        lock.lock();
        try {
            return dropped;
        } finally {
            lock.unlock();
        }
    }

    private void fail(RejectedException failure) {
        WebSocket open = opened();
        if (open != null) {
            open.abort();
        }
        end(failure);
    }

    private @Nullable WebSocket opened() {
        lock.lock();
        try {
            return socket;
        } finally {
            lock.unlock();
        }
    }

    private void end(@Nullable Throwable failure) {
        lock.lock();
        try {
            if (ended) {
                return;
            }
            ended = true;
            queue.clear();
        } finally {
            lock.unlock();
        }
        incoming.ended(failure);
    }

    private boolean dropOldestAudio() {
        for (Iterator<Waiting> each = queue.iterator(); each.hasNext(); ) {
            if (each.next().audio()) {
                each.remove();
                dropped++;
                return true;
            }
        }
        return false;
    }

    private void sendNext() {
        WebSocket open;
        Waiting next;
        lock.lock();
        try {
            open = socket;
            if (open == null || sending || ended) {
                return;
            }
            next = queue.poll();
            if (next == null && !closing) {
                return;
            }
            sending = true;
        } finally {
            lock.unlock();
        }
        if (next == null) {
            var _ = open.sendClose(WebSocket.NORMAL_CLOSURE, "");
        } else {
            var _ = open.sendText(next.text(), true).whenComplete((_, failure) -> sent(failure));
        }
    }

    private void sent(@Nullable Throwable failure) {
        lock.lock();
        try {
            sending = false;
        } finally {
            lock.unlock();
        }
        if (failure != null) {
            end(failure);
        } else {
            sendNext();
        }
    }
}
