package dev.sotto.model;

import static dev.sotto.model.ChatDraftTest.allowed;
import static dev.sotto.model.ChatDraftTest.draft;
import static dev.sotto.model.ChatDraftTest.text;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.sotto.core.Meter;
import dev.sotto.core.SensitiveText;
import dev.sotto.core.SottoException;
import dev.sotto.model.AnswerEvent.Finished;
import dev.sotto.model.AnswerEvent.Reason;
import dev.sotto.model.AnswerEvent.TextDelta;
import dev.sotto.model.AnswerEvent.ToolCalls;
import dev.sotto.model.AnswerEvent.Usage;
import java.io.IOException;
import java.io.OutputStream;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LanguageModelTest {
    private static final String STOP = "{\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"stop\"}]}";

    private final ModelServer server = new ModelServer();

    @AfterEach
    void stop() {
        server.close();
    }

    static String delta(String json) {
        return "{\"id\":\"c\",\"object\":\"chat.completion.chunk\",\"choices\":[{\"index\":0,\"delta\":%s,\"finish_reason\":null}],\"usage\":null}"
                .formatted(json);
    }

    private List<AnswerEvent> answer(ChatRequest request) {
        try (var endpoint = server.endpoint();
                var stream = endpoint.languageModel("m", 100).answer(request)) {
            return all(stream);
        }
    }

    private static List<AnswerEvent> all(AnswerStream stream) {
        var events = new ArrayList<AnswerEvent>();
        while (events.isEmpty() || !(events.getLast() instanceof Finished)) {
            events.add(stream.next(ModelServer.PATIENCE).orElseThrow());
        }
        return events;
    }

    private SottoException failure(UnaryOperator<ProviderLimits> limits) {
        var provider = server.provider().limits(limits.apply(ModelServer.PATIENT));
        try (var endpoint = ModelEndpoint.open(provider, Meter.none());
                var stream = endpoint.languageModel("m", 100).answer(allowed("hi"))) {
            return catchThrowableOfType(SottoException.class, () -> all(stream));
        }
    }

    private ModelError code() {
        var failure = failure(limits -> limits);
        assertThat(failure).hasMessageNotContaining("canary").hasNoCause();
        return (ModelError) failure.code();
    }

    @Test
    void request_saysWhatTheProtocolWantsAndNoIdOfAModel() {
        server.then(ModelServer.events(List.of(STOP, "[DONE]")));

        answer(allowed(draft()));

        var request = server.request();
        assertThat(request.method() + " " + request.target()).isEqualTo("POST /v1/chat/completions");
        assertThat(request.contentType()).isEqualTo("application/json");
        assertThat(WireJson.MAPPER.readTree(request.text())).isEqualTo(WireJson.MAPPER.readTree("""
                {"model":"m","stream":true,"stream_options":{"include_usage":true},"store":false,
                 "max_completion_tokens":100,
                 "messages":[{"role":"system","content":"be kind"},{"role":"user","content":"I am Ada"},
                  {"role":"assistant","content":"one moment","tool_calls":[
                   {"id":"call_1","type":"function","function":{"name":"lookup","arguments":"{\\"name\\":\\"Ada\\"}"}},
                   {"id":"call_2","type":"function","function":{"name":"lookup","arguments":"{}"}}]},
                  {"role":"tool","content":"none","tool_call_id":"call_1"},
                  {"role":"tool","content":"some","tool_call_id":"call_2"}],
                 "tools":[{"type":"function","function":{"name":"lookup","description":"Finds an appointment",
                  "parameters":{"type":"object","properties":{}}}}],
                 "tool_choice":"auto","parallel_tool_calls":true}
                """));
    }

    /// The last event is there before the end of the body, as it is with every server that streams.
    @Test
    void answers_whoseTakerLeavesAfterTheLastEvent_shareOneConnection() {
        Set<Integer> connections = ConcurrentHashMap.newKeySet();
        server.then(exchange -> {
            connections.add(exchange.getRemoteAddress().getPort());
            var out = ModelServer.streamed(exchange);
            out.write(("data: " + STOP + "\n\ndata: [DONE]\n\n").getBytes(UTF_8));
            out.flush();
            Thread.sleep(20);
        });

        try (var endpoint = server.endpoint()) {
            var model = endpoint.languageModel("m", 100);
            for (int i = 0; i < 5; i++) {
                try (var stream = model.answer(allowed("hi"))) {
                    all(stream);
                }
                LockSupport.parkNanos(Duration.ofMillis(60).toNanos());
            }
        }

        assertThat(connections).hasSize(1);
    }

    @Test
    void answer_inDeltas_isGivenInOrderWithItsUsage() {
        server.then(ModelServer.events(List.of(
                delta("{\"role\":\"assistant\",\"content\":\"\"}"),
                delta("{\"content\":\"Grüß \"}"),
                delta("{\"content\":\"Gott.\",\"reasoning_content\":\"hm\"}"),
                STOP,
                "{\"choices\":[],\"usage\":{\"prompt_tokens\":7,\"completion_tokens\":3,\"total_tokens\":10}}",
                "[DONE]")));

        assertThat(answer(allowed("hi")))
                .containsExactly(
                        new TextDelta(text("Grüß ")),
                        new TextDelta(text("Gott.")),
                        new Finished(Reason.STOP, new Usage(7, 3)));
    }

    @Test
    void answer_withParallelToolsInPieces_isPutTogether() {
        server.then(ModelServer.events(List.of(
                delta(
                        "{\"tool_calls\":[{\"index\":0,\"id\":\"c_1\",\"type\":\"function\",\"function\":{\"name\":\"lookup\",\"arguments\":\"\"}}]}"),
                delta("{\"tool_calls\":[{\"index\":0,\"function\":{\"arguments\":\"{\\\"a\\\"\"}}]}"),
                delta(
                        "{\"tool_calls\":[{\"index\":1,\"id\":\"c 2\",\"function\":{\"name\":\"rm_rf\",\"arguments\":\"{}\"}}]}"),
                delta("{\"tool_calls\":[{\"index\":0,\"function\":{\"arguments\":\":1}\"}}]}"),
                STOP.replace("stop", "tool_calls"),
                "[DONE]")));

        assertThat(answer(allowed("hi")))
                .containsExactly(
                        new ToolCalls(List.of(
                                new ToolCall("c_1", "lookup", text("{\"a\":1}")),
                                new ToolCall("sotto_1", ToolCall.UNKNOWN_TOOL, text("{}")))),
                        new Finished(Reason.TOOLS, Usage.NONE));
    }

    @Test
    void answer_ofALocalServerThatNumbersEveryToolZeroAndSaysStop_isUnderstood() {
        server.then(ModelServer.events(List.of(
                delta(
                        "{\"tool_calls\":[{\"index\":0,\"id\":\"x1\",\"function\":{\"name\":\"lookup\",\"arguments\":{\"a\":1}}}]}"),
                delta(
                        "{\"tool_calls\":[{\"index\":0,\"id\":\"x2\",\"function\":{\"name\":\"lookup\",\"arguments\":\"{}\"}}]}"),
                STOP)));

        assertThat(answer(allowed("hi")))
                .containsExactly(
                        new ToolCalls(List.of(
                                new ToolCall("x1", "lookup", text("{\"a\":1}")),
                                new ToolCall("x2", "lookup", text("{}")))),
                        new Finished(Reason.TOOLS, Usage.NONE));
    }

    @Test
    void answer_cutAtItsGreatestLength_asksForNoTool() {
        server.then(ModelServer.events(List.of(
                delta(
                        "{\"tool_calls\":[{\"index\":0,\"id\":\"x1\",\"function\":{\"name\":\"lookup\",\"arguments\":\"{\\\"na\"}}]}"),
                STOP.replace("stop", "length"))));

        assertThat(answer(allowed("hi"))).containsExactly(new Finished(Reason.LENGTH, Usage.NONE));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{canary",
                "[1]",
                "\"canary\"",
                "{\"a\":{\"a\":{\"a\":{\"a\":{\"a\":{\"a\":{\"a\":{\"a\":{\"a\":{\"a\":{\"a\":{\"a\":{\"a\":{\"a\":{\"a\":{\"a\":{\"a\":{\"a\":{\"a\":{\"a\":{\"a\":{\"a\":{\"a\":{\"a\":{\"a\":{\"a\":{\"a\":{\"a\":{\"a\":{\"a\":{\"a\":{\"a\":{\"a\":1}}}}}}}}}}}}}}}}}}}}}}}}}}}}}}}}}"
            })
    void answer_thatIsNoJsonObject_isBrokenAndNotQuoted(String event) {
        server.then(ModelServer.events(List.of(event)));

        assertThat(code()).isEqualTo(ModelError.ANSWER_BROKEN);
    }

    @Test
    void answer_thatIsNotUtf8_isBroken() {
        server.then(exchange ->
                ModelServer.streamed(exchange).write(new byte[] {'d', 'a', 't', 'a', ':', (byte) 0xC3, '\n', '\n'}));

        assertThat(code()).isEqualTo(ModelError.ANSWER_BROKEN);
    }

    @Test
    void answer_withAnErrorInside_failsWithoutItsWords() {
        server.then(ModelServer.events(
                List.of(delta("{\"content\":\"Hel\"}"), "{\"error\":{\"message\":\"canary\",\"code\":\"canary\"}}")));

        assertThat(code()).isEqualTo(ModelError.PROVIDER_FAILED);
    }

    @Test
    void answer_thatEndsWithoutAReason_isCut() {
        server.then(ModelServer.events(List.of(delta("{\"content\":\"Hel\"}"), "[DONE]")));

        assertThat(code()).isEqualTo(ModelError.ANSWER_CUT);
    }

    @Test
    void answer_whoseConnectionBreaks_isCut() {
        server.then(exchange -> {
            exchange.getResponseHeaders().set("Content-Type", "text/event-stream");
            exchange.sendResponseHeaders(200, 1_000);
            exchange.getResponseBody().write(("data: " + delta("{}") + "\n\n").getBytes(UTF_8));
            exchange.getResponseBody().flush();
            throw new IOException("hang up");
        });

        assertThat(code()).isEqualTo(ModelError.ANSWER_CUT);
    }

    @Test
    void answer_withMoreToolsThanAreTaken_isTooLarge() {
        var events = new ArrayList<String>();
        for (int i = 0; i <= AnswerReader.MAX_CALLS; i++) {
            events.add(delta("{\"tool_calls\":[{\"index\":%d,\"id\":\"c%d\",\"function\":{\"name\":\"lookup\"}}]}"
                    .formatted(i, i)));
        }
        server.then(ModelServer.events(events));

        assertThat(code()).isEqualTo(ModelError.ANSWER_TOO_LARGE);
    }

    @Test
    void arguments_thatNeverEnd_areTooLarge() {
        String piece = "x".repeat(10_000);
        server.then(ModelServer.events(Collections.nCopies(
                4, delta("{\"tool_calls\":[{\"index\":0,\"function\":{\"arguments\":\"%s\"}}]}".formatted(piece)))));

        assertThat(code()).isEqualTo(ModelError.ANSWER_TOO_LARGE);
    }

    @Test
    void answer_withALineThatNeverEnds_isTooLarge() {
        server.then(exchange -> endless(ModelServer.streamed(exchange), "x".repeat(8_192)));

        assertThat(code()).isEqualTo(ModelError.ANSWER_TOO_LARGE);
    }

    private static void endless(OutputStream out, String piece) throws IOException {
        for (int i = 0; i < 1_000_000; i++) { // until the other side gives up
            out.write(piece.getBytes(UTF_8));
        }
    }

    @Test
    void answer_thatStreamsForever_isCutByEachBound() {
        server.then(exchange -> endless(ModelServer.streamed(exchange), "data: " + delta("{}") + "\n\n"));

        assertThat(failure(limits -> limits.sizes(1 << 20, 50)).code()).isEqualTo(ModelError.ANSWER_TOO_LARGE);
        assertThat(failure(limits -> limits.sizes(10_000, 1_000_000)).code()).isEqualTo(ModelError.ANSWER_TOO_LARGE);
        assertThat(failure(limits -> limits.sizes(64 << 20, 1_000_000)
                                .times(limits.connect(), limits.firstByte(), limits.idle(), Duration.ofMillis(40)))
                        .code())
                .isEqualTo(ModelError.ANSWER_TOO_LONG);
    }

    @Test
    void answer_thatStops_isStalled() {
        server.then(exchange -> {
            var out = ModelServer.streamed(exchange);
            out.write(("data: " + delta("{\"content\":\"Hel\"}") + "\n\n").getBytes(UTF_8));
            out.flush();
            server.hang();
        });

        assertThat(failure(limits -> limits.times(
                                limits.connect(), limits.firstByte(), Duration.ofMillis(30), limits.total()))
                        .code())
                .isEqualTo(ModelError.ANSWER_STALLED);
    }

    @Test
    void answer_thatTricklesForever_isCutInTime() {
        server.then(exchange -> {
            var out = ModelServer.streamed(exchange);
            do {
                out.write(':');
                out.flush();
            } while (!server.closesWithin(Duration.ofMillis(5)));
        });

        assertThat(failure(limits -> limits.times(
                                limits.connect(), limits.firstByte(), limits.idle(), Duration.ofMillis(500)))
                        .code())
                .isEqualTo(ModelError.ANSWER_TOO_LONG);
    }

    @Test
    void answer_thatDoesNotBegin_isLate() {
        server.then(exchange -> server.hang());

        assertThat(failure(limits ->
                                limits.times(limits.connect(), Duration.ofMillis(30), limits.idle(), limits.total()))
                        .code())
                .isEqualTo(ModelError.FIRST_BYTE_LATE);
    }

    @Test
    void answer_afterDone_doesNotWaitForTheBodysEnd() {
        server.then(exchange -> {
            var out = ModelServer.streamed(exchange);
            out.write(("data: " + STOP + "\n\ndata: [DONE]\n\n").getBytes(UTF_8));
            out.flush();
            server.hang();
        });

        assertThat(answer(allowed("hi"))).containsExactly(new Finished(Reason.STOP, Usage.NONE));
    }

    @Test
    void next_withinPatience_isEmptyAndTheAnswerGoesOn() {
        var go = new CountDownLatch(1);
        server.then(exchange -> {
            var out = ModelServer.streamed(exchange);
            out.flush();
            if (go.await(20, TimeUnit.SECONDS)) {
                out.write(("data: " + STOP + "\n\n").getBytes(UTF_8));
            }
        });
        try (var endpoint = server.endpoint();
                var stream = endpoint.languageModel("m", 100).answer(allowed("hi"))) {
            assertThat(stream.next(Duration.ofMillis(5))).isEmpty();
            go.countDown();
            assertThat(all(stream)).containsExactly(new Finished(Reason.STOP, Usage.NONE));
            assertThatIllegalStateException().isThrownBy(() -> stream.next(Duration.ZERO));
        }
    }

    @Test
    void close_fromAnotherThread_wakesWhoWaitsAndHangsUp() throws InterruptedException {
        var started = new CountDownLatch(1);
        var gone = new CountDownLatch(1);
        server.then(exchange -> {
            var out = ModelServer.streamed(exchange);
            out.write(("data: " + delta("{\"content\":\"Hel\"}") + "\n\n").getBytes(UTF_8));
            out.flush();
            started.countDown();
            try {
                endless(out, ": still here\n");
            } catch (IOException hungUp) {
                gone.countDown();
            }
        });
        try (var endpoint = server.endpoint()) {
            var stream = endpoint.languageModel("m", 100).answer(allowed("hi"));
            assertThat(stream.next(ModelServer.PATIENCE)).contains(new TextDelta(SensitiveText.of("Hel")));
            var closer = Thread.ofVirtual().start(stream::close);
            var failure = catchThrowableOfType(SottoException.class, () -> all(stream));

            assertThat(failure.code()).as(failure.getMessage()).isEqualTo(ModelError.CANCELLED);
            closer.join();
        }
        // While the other side writes on, the JDK may take 3 s to refuse what it writes, or until the client is closed.
        assertThat(gone.await(20, TimeUnit.SECONDS)).isTrue();
    }
}
