package dev.sotto.server.faults;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sotto.server.call.PeerTrust;
import dev.sotto.server.up.RunningNode;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.WebSocket;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// Somebody who writes to a node, frame by frame.
final class Visitor implements WebSocket.Listener, AutoCloseable {
    private static final JsonMapper JSON = new JsonMapper();

    private final List<JsonNode> frames = new CopyOnWriteArrayList<>();
    private final CompletableFuture<Integer> closed = new CompletableFuture<>();
    private final StringBuilder partial = new StringBuilder();
    private volatile WebSocket socket;

    /// Where a node takes visitors.
    record Door(HttpClient http, URI url, String origin) {
        static Door of(RunningNode node) {
            URI url = node.core().mediaUrl();
            return new Door(
                    PeerTrust.withAuthority(node.foundation().state().authorityCertificate())
                            .client()
                            .build(),
                    url,
                    url.toString());
        }

        Door from(String other) {
            return new Door(http, url, other);
        }

        HttpResponse<String> ask() throws Exception {
            return http.send(
                    HttpRequest.newBuilder(url.resolve("/chat/v1/token"))
                            .header("Origin", origin)
                            .POST(HttpRequest.BodyPublishers.noBody())
                            .build(),
                    HttpResponse.BodyHandlers.ofString());
        }

        String token() throws Exception {
            var answer = ask();
            assertThat(answer.statusCode()).as(answer.body()).isEqualTo(201);
            return JSON.readTree(answer.body()).path("token").asString("");
        }

        Visitor open(String secret) throws Exception {
            var visitor = new Visitor();
            try {
                visitor.socket = http.newWebSocketBuilder()
                        .header("Origin", origin)
                        .subprotocols("sotto.chat.v1", secret)
                        .buildAsync(URI.create("wss://" + url.getAuthority() + "/chat/v1/socket"), visitor)
                        .get(30, TimeUnit.SECONDS);
            } catch (ExecutionException refused) {
                throw (Exception) refused.getCause();
            }
            assertThat(visitor.socket.getSubprotocol()).isEqualTo("sotto.chat.v1");
            return visitor;
        }

        Visitor enter() throws Exception {
            return open("token." + token());
        }
    }

    @Override
    public CompletionStage<?> onText(WebSocket from, CharSequence data, boolean last) {
        partial.append(data);
        if (last) {
            frames.add(JSON.readTree(partial.toString()));
            partial.setLength(0);
        }
        from.request(1);
        return CompletableFuture.completedFuture(null);
    }

    @Override
    public CompletionStage<?> onClose(WebSocket from, int code, String reason) {
        closed.complete(code);
        return CompletableFuture.completedFuture(null);
    }

    @Override
    public void onError(WebSocket from, Throwable failure) {
        closed.complete(-1);
    }

    List<JsonNode> frames() {
        return frames;
    }

    List<JsonNode> frames(String type) {
        return frames.stream()
                .filter(frame -> frame.path("type").asString("").equals(type))
                .toList();
    }

    List<String> said() {
        return frames("said").stream()
                .map(frame -> frame.path("text").asString(""))
                .toList();
    }

    /// Waits until something said holds `words`.
    Visitor reads(String words) throws Exception {
        try {
            Await.until("the visitor reads " + words, () -> said().stream().anyMatch(text -> text.contains(words)));
            return this;
        } catch (AssertionError failure) {
            throw new AssertionError("the visitor read " + said(), failure);
        }
    }

    Visitor writes(String id, String text) throws Exception {
        return sends(JSON.writeValueAsString(Map.of("type", "message", "id", id, "text", text)));
    }

    /// Writes, and waits until it is known to be kept.
    Visitor tells(String id, String text) throws Exception {
        writes(id, text);
        Await.until("message " + id + " is kept", () -> acked(id) > 0);
        return this;
    }

    long acked(String id) {
        return frames("ack").stream()
                .filter(frame -> frame.path("id").asString("").equals(id))
                .count();
    }

    Visitor sends(String frame) throws Exception {
        socket.sendText(frame, true).get(30, TimeUnit.SECONDS);
        return this;
    }

    void binary(ByteBuffer bytes) throws Exception {
        socket.sendBinary(bytes, true).get(30, TimeUnit.SECONDS);
    }

    String resume() throws Exception {
        Await.until("hello", () -> !frames("hello").isEmpty());
        return frames("hello").getFirst().path("resume").asString("");
    }

    long seen() {
        return frames.stream()
                .mapToLong(frame -> frame.path("number").asLong(0))
                .max()
                .orElse(0);
    }

    JsonNode ended() throws Exception {
        Await.until("the chat is over", () -> !frames("ended").isEmpty());
        return frames("ended").getFirst();
    }

    int closeCode() throws Exception {
        return closed.get(30, TimeUnit.SECONDS);
    }

    /// The socket is gone, as if a cable was pulled.
    void drop() {
        socket.abort();
    }

    @Override
    public void close() {
        socket.abort();
    }
}
