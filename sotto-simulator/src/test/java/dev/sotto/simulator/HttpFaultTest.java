package dev.sotto.simulator;

import static dev.sotto.simulator.ModelClient.conversation;
import static dev.sotto.simulator.ModelClient.data;
import static dev.sotto.simulator.ModelClient.json;
import static dev.sotto.simulator.ModelClient.user;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.InputStream;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class HttpFaultTest {
    private static final ModelSimulator SIMULATOR = ModelSimulator.start(ModelClient.config("healthcare-appointment"));
    private static final ModelClient CLIENT = new ModelClient(SIMULATOR.baseUri());

    @BeforeEach
    void noFaults() {
        SIMULATOR.clearFaults();
    }

    @AfterAll
    static void close() {
        CLIENT.close();
        SIMULATOR.close();
    }

    private static void chatFault(Fault.Kind kind) {
        SIMULATOR.inject(Service.CHAT, Fault.of(kind), 1);
    }

    @Test
    void rateLimited_says429AndWhenToRetry_once() throws Exception {
        chatFault(Fault.Kind.RATE_LIMITED);
        var refused = CLIENT.chat(conversation(true));
        assertThat(refused.statusCode()).isEqualTo(429);
        assertThat(refused.headers().firstValue("retry-after")).contains("1");
        assertThat(CLIENT.chat(conversation(true)).statusCode()).isEqualTo(200);
    }

    @Test
    void serverError_says500_asOftenAsAsked() throws Exception {
        SIMULATOR.inject(Service.CHAT, Fault.of(Fault.Kind.SERVER_ERROR), 2);
        assertThat(CLIENT.chat(conversation(false)).statusCode()).isEqualTo(500);
        assertThat(CLIENT.chat(conversation(false)).statusCode()).isEqualTo(500);
        assertThat(CLIENT.chat(conversation(false)).statusCode()).isEqualTo(200);
    }

    @Test
    void delay_isKept() throws Exception {
        for (boolean stream : new boolean[] {true, false}) {
            SIMULATOR.inject(Service.CHAT, Fault.delay(Duration.ofMillis(60)), 1);
            long before = System.nanoTime();
            assertThat(CLIENT.chat(conversation(stream)).statusCode()).isEqualTo(200);
            assertThat(System.nanoTime() - before).isGreaterThan(55_000_000);
        }
    }

    @Test
    void close_cutsTheAnswer() {
        for (boolean stream : new boolean[] {true, false}) {
            chatFault(Fault.Kind.CLOSE);
            assertThatThrownBy(() -> CLIENT.chat(conversation(stream))).isInstanceOf(IOException.class);
        }
    }

    @Test
    void stall_neverEnds() {
        for (boolean stream : new boolean[] {true, false}) {
            chatFault(Fault.Kind.STALL);
            neverAnswered(CLIENT.to("/chat/completions")
                    .POST(BodyPublishers.ofString(conversation(stream)))
                    .build());
        }
    }

    private static void neverAnswered(HttpRequest request) {
        assertThatThrownBy(() -> CLIENT.http
                        .sendAsync(request, BodyHandlers.ofString())
                        .orTimeout(100, TimeUnit.MILLISECONDS)
                        .join())
                .hasCauseInstanceOf(TimeoutException.class);
    }

    @Test
    void brokenJson_isBroken() throws Exception {
        chatFault(Fault.Kind.BROKEN_JSON);
        assertThat(Json.readObject(CLIENT.chat(conversation(false)).body())).isEmpty();
        chatFault(Fault.Kind.BROKEN_JSON);
        assertThat(data(CLIENT.chat(conversation(true))))
                .anyMatch(event ->
                        !event.equals("[DONE]") && Json.readObject(event).isEmpty());
    }

    @Test
    void endless_goesOnUntilTheClientLeaves() throws Exception {
        chatFault(Fault.Kind.ENDLESS);
        var request = CLIENT.to("/chat/completions")
                .POST(BodyPublishers.ofString(conversation(true)))
                .build();
        try (InputStream in =
                CLIENT.http.send(request, BodyHandlers.ofInputStream()).body()) {
            assertThat(in.readNBytes(1 << 20)).hasSize(1 << 20);
        }
    }

    @Test
    void hugeFrame_isOneEventOfTenMebibytes() throws Exception {
        chatFault(Fault.Kind.HUGE_FRAME);
        assertThat(data(CLIENT.chat(conversation(true)))).anyMatch(event -> event.length() > ChatEndpoint.HUGE_BYTES);
    }

    @Test
    void outOfOrder_finishComesFirst() throws Exception {
        chatFault(Fault.Kind.OUT_OF_ORDER);
        var events = data(CLIENT.chat(conversation(true)));
        assertThat(events.getFirst()).contains("\"usage\":{");
        assertThat(events.get(1)).contains("\"finish_reason\":\"stop\"");
    }

    @Test
    void contentFaults_sayWhatTheyAreNamedFor() throws Exception {
        chatFault(Fault.Kind.ECHO);
        assertThat(said(user("my card is 4111"))).isEqualTo("You said: my card is 4111");
        chatFault(Fault.Kind.INVENTED_TOKEN);
        assertThat(said(user("hello"))).contains("<CREDIT_CARD_9>");
        chatFault(Fault.Kind.CLAIMS_VERIFIED);
        var claims = json(CLIENT.chat(conversation(false))).at("/choices/0/message");
        assertThat(claims.path("content").asString()).startsWith("You are verified");
        assertThat(claims.at("/tool_calls/0/function/arguments").asString()).contains("\"verified\":\"true\"");
        chatFault(Fault.Kind.UNKNOWN_TOOL);
        assertThat(json(CLIENT.chat(conversation(false)))
                        .at("/choices/0/message/tool_calls/0/function/name")
                        .asString())
                .isEqualTo("wire_money");
    }

    private static String said(String message) throws Exception {
        return json(CLIENT.chat(conversation(false, message)))
                .at("/choices/0/message/content")
                .asString();
    }

    @Test
    void audioServices_failToo() throws Exception {
        SIMULATOR.inject(Service.TRANSCRIPTION, Fault.of(Fault.Kind.SERVER_ERROR), 1);
        SIMULATOR.inject(Service.SPEECH, Fault.of(Fault.Kind.RATE_LIMITED), 1);
        assertThat(CLIENT.transcribe(Map.of("model", "m")).statusCode()).isEqualTo(500);
        assertThat(CLIENT.send(CLIENT.speech("x", "pcm")).statusCode()).isEqualTo(429);
        SIMULATOR.inject(Service.TRANSCRIPTION, Fault.of(Fault.Kind.BROKEN_JSON), 1);
        assertThat(Json.readObject(CLIENT.transcribe(Map.of("model", "m")).body()))
                .isEmpty();
        SIMULATOR.inject(Service.SPEECH, Fault.of(Fault.Kind.CLOSE), 1);
        assertThatThrownBy(() -> CLIENT.send(CLIENT.speech("x", "pcm"))).isInstanceOf(IOException.class);
    }

    @Test
    void neverFinal_transcriptionBeginsAndNeverEnds() throws Exception {
        SIMULATOR.inject(Service.TRANSCRIPTION, Fault.of(Fault.Kind.NEVER_FINAL), 1);
        var request = CLIENT.transcription(Map.of("model", "m", "stream", "true", "user", "never"));
        try (InputStream in =
                CLIENT.http.send(request, BodyHandlers.ofInputStream()).body()) {
            assertThat(new String(in.readNBytes(20), UTF_8)).startsWith("data: {");
        }
        SIMULATOR.inject(Service.TRANSCRIPTION, Fault.of(Fault.Kind.NEVER_FINAL), 1);
        neverAnswered(CLIENT.transcription(Map.of("model", "m")));
    }

    @Test
    void inject_isBounded() {
        assertThatThrownBy(() -> SIMULATOR.inject(Service.CHAT, Fault.of(Fault.Kind.ECHO), 10_001))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> Fault.of(Fault.Kind.DELAY)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new Fault(Fault.Kind.ECHO, Duration.ofSeconds(1)))
                .isInstanceOf(IllegalArgumentException.class);
    }
}
