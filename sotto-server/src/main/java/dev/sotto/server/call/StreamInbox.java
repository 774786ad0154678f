package dev.sotto.server.call;

import java.net.http.WebSocket;
import java.util.Base64;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// Takes in what the server sends on a stream and keeps it, bounded, for the thread of the call. Thread-safe.
final class StreamInbox implements WebSocket.Listener {
    private static final int CAPACITY = 8_192;
    private static final int MAX_MESSAGE = 256 * 1024;
    private static final JsonMapper JSON = JsonMapper.shared();

    private final BlockingQueue<Message> messages = new ArrayBlockingQueue<>(CAPACITY);
    private final StringBuilder partial = new StringBuilder();

    /// What the server says.
    sealed interface Message {
        /// So many bytes of mu-law to be played.
        record Media(int bytes) implements Message {}

        record Mark(String name) implements Message {}

        record Clear() implements Message {}

        /// The stream is over, in order or not.
        record Closed() implements Message {}
    }

    /// The next message, if one is there.
    @Nullable
    Message poll() {
        return messages.poll();
    }

    @Override
    public @Nullable CompletionStage<?> onText(WebSocket socket, CharSequence data, boolean last) {
        partial.append(data);
        if (partial.length() > MAX_MESSAGE) {
            close();
            socket.abort();
            return null;
        }
        if (last) {
            take(partial.toString());
            partial.setLength(0);
        }
        socket.request(1);
        return null;
    }

    private void take(String text) {
        try {
            JsonNode message = JSON.readTree(text);
            switch (message.path("event").asString("")) {
                case "media" -> media(message);
                case "mark" ->
                    offer(new Message.Mark(message.path("mark").path("name").asString("")));
                case "clear" -> offer(new Message.Clear());
                default -> {} // a newer server may say more
            }
        } catch (JacksonException malformed) {
            close();
        }
    }

    private void media(JsonNode message) {
        String payload = message.path("media").path("payload").asString("");
        offer(new Message.Media(Base64.getDecoder().decode(payload).length));
    }

    private void offer(Message message) {
        if (!messages.offer(message)) {
            close();
        }
    }

    private void close() {
        messages.clear();
        messages.offer(new Message.Closed());
    }

    @Override
    public @Nullable CompletionStage<?> onClose(WebSocket socket, int status, String reason) {
        messages.offer(new Message.Closed());
        return null;
    }

    @Override
    public void onError(WebSocket socket, Throwable failure) {
        messages.offer(new Message.Closed());
    }
}
