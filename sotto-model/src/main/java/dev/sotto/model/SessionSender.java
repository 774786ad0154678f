package dev.sotto.model;

import dev.sotto.core.DeniedException;
import dev.sotto.core.Passage;
import dev.sotto.core.UnavailableException;
import java.io.ByteArrayOutputStream;
import java.net.http.WebSocket;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// Puts what a session sends on the socket: audio only while the passage is open. Used by one thread.
final class SessionSender {
    private static final long GOODBYE_MILLIS = 200;
    private static final int NORMAL_CLOSURE = 1_000;

    private final ClientEvents events;
    private final Supplier<String> eventId;
    private final Passage passage;
    private final @Nullable FirResampler widener;
    private final Duration patience;

    SessionSender(ClientEvents events, Supplier<String> eventId, Passage passage, boolean wide, Duration patience) {
        this.events = events;
        this.eventId = eventId;
        this.passage = passage;
        this.widener = wide ? FirResampler.up(3) : null;
        this.patience = patience;
    }

    /// Sends one thing and waits until the socket took it.
    void send(WebSocket to, Outbox.Outgoing next) throws InterruptedException {
        switch (next) {
            case Outbox.Outgoing.Event(String json) -> written(to.sendText(json, true));
            case Outbox.Outgoing.Audio(List<AudioChunk> frames) -> {
                if (!passage.open()) {
                    throw passageClosed();
                }
                var sound = new ByteArrayOutputStream();
                for (AudioChunk frame : frames) {
                    sound.writeBytes(bytes(frame));
                }
                passage.sent(frames.size(), sound.size());
                written(to.sendText(events.append(eventId.get(), sound.toByteArray()), true));
            }
        }
    }

    private byte[] bytes(AudioChunk frame) {
        return widener == null
                ? frame.bytes()
                : AudioChunk.pcm16(widener.feed(frame.samples()), 3 * FirResampler.NARROW_RATE_HERTZ)
                        .bytes();
    }

    private void written(CompletableFuture<WebSocket> sending) throws InterruptedException {
        try {
            sending.get(patience.toNanos(), TimeUnit.NANOSECONDS);
        } catch (TimeoutException late) {
            throw new UnavailableException(ModelError.SESSION_STALLED, "the provider takes nothing more");
        } catch (ExecutionException failed) {
            throw SessionReader.gone();
        }
    }

    void ping(WebSocket to) throws InterruptedException {
        written(to.sendPing(ByteBuffer.allocate(0)));
    }

    /// Says that the session is over, if that is possible at once.
    static void goodbye(WebSocket to) {
        if (to.isOutputClosed()) {
            return;
        }
        try {
            to.sendClose(NORMAL_CLOSURE, "").get(GOODBYE_MILLIS, TimeUnit.MILLISECONDS);
        } catch (ExecutionException | TimeoutException unheard) {
            // Then without.
        } catch (InterruptedException hurried) {
            Thread.currentThread().interrupt();
        }
    }

    static DeniedException passageClosed() {
        return new DeniedException(ModelError.PASSAGE_CLOSED, "the passage for audio is not open");
    }
}
