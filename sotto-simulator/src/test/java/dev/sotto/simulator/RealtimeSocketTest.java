package dev.sotto.simulator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.URI;
import java.net.http.WebSocket;
import java.net.http.WebSocketHandshakeException;
import java.util.ArrayList;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

class RealtimeSocketTest {
    private static final String RESPOND = "{\"type\":\"response.create\"}";

    private final ModelSimulator simulator =
            ModelSimulator.start(ModelClient.config("healthcare-appointment").withIdentity(TestIdentity.SERVER));
    private final ModelClient client = new ModelClient(simulator.baseUri());

    @AfterEach
    void close() {
        client.close();
        simulator.close();
    }

    private URI address() {
        return URI.create(simulator.realtimeUri() + "?model=simulator/healthcare-appointment");
    }

    private SocketClient connect(String... headers) throws Exception {
        return new SocketClient(client.http, address(), headers);
    }

    @Test
    void session_overTls_plays() throws Exception {
        try (var socket = connect()) {
            assertThat(socket.await("session.created")
                            .at("/session/x_sotto_simulator")
                            .asString())
                    .isEqualTo("scripted");
            socket.configure();
            socket.send(RESPOND);
            assertThat(socket.await("response.done").at("/response/status").asString())
                    .isEqualTo("completed");
        }
        assertThat(simulator.received().contains("\"response.create\"")).isTrue();
    }

    @Test
    void upgrade_wrongTokenOrNoModel_isRefused() {
        assertThatThrownBy(() -> client.http
                        .newWebSocketBuilder()
                        .header("authorization", "Bearer wrong")
                        .buildAsync(address(), new WebSocket.Listener() {})
                        .get())
                .hasCauseInstanceOf(WebSocketHandshakeException.class);
        assertThatThrownBy(() -> new SocketClient(client.http, simulator.realtimeUri()))
                .hasCauseInstanceOf(WebSocketHandshakeException.class);
    }

    @Test
    void beta_isChosenByHeaderOrAzureAddress() throws Exception {
        try (var socket = connect("openai-beta", "realtime=v1")) {
            assertThat(socket.await("session.created")
                            .at("/session/input_audio_format")
                            .asString())
                    .isEqualTo("pcm16");
        }
        URI azure =
                address().resolve("/openai/realtime?api-version=2024-10-01-preview&deployment=healthcare-appointment");
        try (var socket = new SocketClient(client.http, azure)) {
            assertThat(socket.await("session.created").path("session").has("modalities"))
                    .isTrue();
            socket.send(RESPOND);
            assertThat(socket.await("response.audio.done").path("item_id").asString())
                    .isNotEmpty();
        }
    }

    @Test
    void manySessionsAtOnce_keepTheirOwnPlace() throws Exception {
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            var calls = new ArrayList<Callable<String>>();
            for (int i = 0; i < 12; i++) {
                int utterances = 1 + i % 3;
                calls.add(() -> {
                    try (var socket = connect()) {
                        socket.configure();
                        for (int n = 0; n < utterances; n++) {
                            socket.hear(Sounds.speech(200));
                            socket.hear(Sounds.silence(600));
                            socket.await("conversation.item.input_audio_transcription.completed");
                        }
                        socket.send(RESPOND);
                        JsonNode done = socket.await("response.done");
                        return utterances + done.toString();
                    }
                });
            }
            for (var done : threads.invokeAll(calls)) {
                String expected = switch (done.get().charAt(0)) {
                    case '1' -> "I can look that up";
                    case '2' -> "verify_identity";
                    default -> "phone_last4";
                };
                assertThat(done.get()).contains(expected);
            }
        }
    }

    @Test
    void connect_faults() throws Exception {
        simulator.inject(Service.REALTIME_CONNECT, Fault.of(Fault.Kind.RATE_LIMITED), 1);
        assertThatThrownBy(this::connect).hasCauseInstanceOf(WebSocketHandshakeException.class);
        simulator.inject(Service.REALTIME_CONNECT, Fault.of(Fault.Kind.CLOSE), 20); // the JDK's client tries again
        assertThatThrownBy(this::connect).hasCauseInstanceOf(IOException.class);
        simulator.clearFaults();
        try (var socket = connect()) {
            socket.await("session.created");
        }
    }

    @Test
    void close_inMidAnswer_cutsTheConnection() throws Exception {
        try (var socket = connect()) {
            simulator.inject(Service.REALTIME_RESPONSE, Fault.of(Fault.Kind.CLOSE), 1);
            socket.send(RESPOND);
            socket.await("response.output_audio.delta");
            socket.await("(closed)");
        }
    }

    @Test
    void cutConnections_isAsIfTheNetworkFailed() throws Exception {
        try (var socket = connect()) {
            socket.await("session.created");
            simulator.cutConnections();
            socket.await("(closed)");
        }
        try (var again = connect()) {
            again.await("session.created");
        }
    }

    @Test
    void hugeFrame_isOneOfTenMebibytes() throws Exception {
        try (var socket = connect()) {
            simulator.inject(Service.REALTIME_RESPONSE, Fault.of(Fault.Kind.HUGE_FRAME), 1);
            socket.send(RESPOND);
            socket.await("response.done");
            assertThat(socket.largest).isGreaterThan(ChatEndpoint.HUGE_BYTES);
        }
    }

    @Test
    void endless_stopsWhenItIsCancelled() throws Exception {
        try (var socket = connect()) {
            simulator.inject(Service.REALTIME_RESPONSE, Fault.of(Fault.Kind.ENDLESS), 1);
            socket.send(RESPOND);
            for (int i = 0; i < 500; i++) {
                socket.await("response.output_audio_transcript.delta");
            }
            socket.send("{\"type\":\"response.cancel\"}");
            assertThat(socket.await("response.done").at("/response/status").asString())
                    .isEqualTo("cancelled");
        }
    }

    @Test
    void brokenJson_isBroken_andTheRestGoesOn() throws Exception {
        try (var socket = connect()) {
            simulator.inject(Service.REALTIME_RESPONSE, Fault.of(Fault.Kind.BROKEN_JSON), 1);
            socket.send(RESPOND);
            socket.await("(broken)");
            socket.await("response.done");
        }
    }
}
