package dev.sotto.model;

import dev.sotto.core.Meter;
import dev.sotto.core.SottoException;
import dev.sotto.core.UnavailableException;
import java.net.http.WebSocket;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/// Reads the messages of a session, one at a time and as fast as events are taken. Called by the socket's thread only.
final class SessionReader implements WebSocket.Listener {
    private final Inbox inbox;
    private final SessionWatch watch;
    private final Meter meter;
    private final Function<ServerEvent, List<RealtimeEvent>> meaning;
    private final Consumer<SottoException> failed;
    private final StringBuilder message = new StringBuilder();
    private long bytes;

    SessionReader(
            Inbox inbox,
            SessionWatch watch,
            Meter meter,
            Function<ServerEvent, List<RealtimeEvent>> meaning,
            Consumer<SottoException> failed) {
        this.inbox = inbox;
        this.watch = watch;
        this.meter = meter;
        this.meaning = meaning;
        this.failed = failed;
    }

    @Override
    public void onOpen(WebSocket from) {
        from.request(1);
    }

    @Override
    public @Nullable CompletableFuture<?> onText(WebSocket from, CharSequence data, boolean last) {
        watch.received();
        message.append(data);
        bytes += utf8Length(data);
        if (bytes > WireJson.MAX_MESSAGE_BYTES) {
            end(
                    from,
                    new UnavailableException(
                            ModelError.ANSWER_TOO_LARGE,
                            "a message of a session must be at most %d bytes".formatted(WireJson.MAX_MESSAGE_BYTES)));
            return null;
        }
        if (!last) {
            from.request(1);
            return null;
        }
        String whole = message.toString();
        message.setLength(0);
        bytes = 0;
        try {
            took(from, whole);
        } catch (SottoException failure) {
            end(from, failure);
        }
        return null;
    }

    private void took(WebSocket from, String whole) {
        var event = ServerEvent.read(whole);
        if (event.isEmpty()) {
            meter.count(ModelMetrics.EVENTS_UNKNOWN);
            from.request(1);
            return;
        }
        inbox.add(meaning.apply(event.get()), whole.length(), () -> from.request(1));
    }

    private void end(WebSocket from, SottoException failure) {
        message.setLength(0);
        failed.accept(failure);
        from.abort();
    }

    @Override
    public @Nullable CompletableFuture<?> onBinary(WebSocket from, ByteBuffer data, boolean last) {
        end(from, ServerEvent.broken("a message of a session must be text"));
        return null;
    }

    @Override
    public @Nullable CompletableFuture<?> onPing(WebSocket from, ByteBuffer data) {
        watch.received();
        from.request(1);
        return null;
    }

    @Override
    public @Nullable CompletableFuture<?> onPong(WebSocket from, ByteBuffer data) {
        watch.received();
        from.request(1);
        return null;
    }

    @Override
    public @Nullable CompletableFuture<?> onClose(WebSocket from, int status, String reason) {
        end(from, gone());
        return null;
    }

    @Override
    public void onError(WebSocket from, Throwable error) {
        end(from, gone());
    }

    static UnavailableException gone() {
        return new UnavailableException(ModelError.SESSION_ENDED, "the provider ended the session");
    }

    private static long utf8Length(CharSequence text) {
        long length = 0;
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c < 0x80) {
                length++;
            } else {
                length += c < 0x800 || Character.isSurrogate(c) ? 2 : 3;
            }
        }
        return length;
    }
}
