package dev.sotto.simulator;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.util.Base64;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import tools.jackson.databind.JsonNode;

/// A Realtime client over a real WebSocket. Broken JSON comes as the event `(broken)`, the end of the connection as
/// `(closed)`.
final class SocketClient implements AutoCloseable {
    private static final long PATIENCE_SECONDS = 20;

    private final LinkedBlockingQueue<JsonNode> events = new LinkedBlockingQueue<>();
    private final WebSocket socket;
    volatile int largest;

    SocketClient(HttpClient http, URI uri, String... headers) throws Exception {
        var builder = http.newWebSocketBuilder().header("authorization", "Bearer " + ModelClient.TOKEN);
        for (int i = 0; i < headers.length; i += 2) {
            builder.header(headers[i], headers[i + 1]);
        }
        socket = builder.buildAsync(uri, new WebSocket.Listener() {
                    private final StringBuilder text = new StringBuilder();

                    @Override
                    public CompletionStage<?> onText(WebSocket webSocket, CharSequence data, boolean last) {
                        text.append(data);
                        if (last) {
                            largest = Math.max(largest, text.length());
                            events.add(Json.readObject(text.toString())
                                    .orElseGet(() -> Json.object().put("type", "(broken)")));
                            text.setLength(0);
                        }
                        webSocket.request(1);
                        return CompletableFuture.completedStage(null);
                    }

                    @Override
                    public CompletionStage<?> onClose(WebSocket webSocket, int statusCode, String reason) {
                        events.add(Json.object().put("type", "(closed)"));
                        return CompletableFuture.completedStage(null);
                    }

                    @Override
                    public void onError(WebSocket webSocket, Throwable error) {
                        events.add(Json.object().put("type", "(closed)"));
                    }
                })
                .get(PATIENCE_SECONDS, TimeUnit.SECONDS);
    }

    void send(String json) throws Exception {
        socket.sendText(json, true).get(PATIENCE_SECONDS, TimeUnit.SECONDS);
    }

    void sendOrFail(String json) {
        try {
            send(json);
        } catch (Exception failure) {
            throw new AssertionError("nothing could be sent", failure);
        }
    }

    void hear(byte[] mulaw) throws Exception {
        for (int from = 0; from < mulaw.length; from += 1_600) {
            byte[] piece = java.util.Arrays.copyOfRange(mulaw, from, Math.min(mulaw.length, from + 1_600));
            send("{\"type\":\"input_audio_buffer.append\",\"audio\":\"%s\"}"
                    .formatted(Base64.getEncoder().encodeToString(piece)));
        }
    }

    void configure() throws Exception {
        send("""
                {"type":"session.update","session":{"type":"realtime","audio":{"input":{"format":{"type":"audio/pcmu"},
                 "transcription":{"model":"x"},"turn_detection":{"type":"server_vad","create_response":false}},
                 "output":{"format":{"type":"audio/pcmu"}}}}}
                """);
        await("session.updated");
    }

    JsonNode await(String type) throws InterruptedException {
        return await(event -> event.path("type").asString("").equals(type), type);
    }

    JsonNode await(Predicate<JsonNode> wanted, String what) throws InterruptedException {
        long until = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
        while (true) {
            JsonNode event = events.poll(Math.max(1, until - System.nanoTime()), TimeUnit.NANOSECONDS);
            if (event == null) {
                throw new AssertionError("no " + what + " came");
            }
            if (wanted.test(event)) {
                return event;
            }
            if (event.path("type").asString("").equals("(closed)")) {
                throw new AssertionError("closed before " + what);
            }
        }
    }

    /// Whether nothing of that type comes within `milliseconds`.
    boolean silent(String type, long milliseconds) throws InterruptedException {
        long until = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(milliseconds);
        while (true) {
            JsonNode event = events.poll(Math.max(1, until - System.nanoTime()), TimeUnit.NANOSECONDS);
            if (event == null) {
                return true;
            }
            if (event.path("type").asString("").equals(type)) {
                return false;
            }
        }
    }

    @Override
    public void close() {
        socket.abort();
    }
}
