package dev.sotto.model;

import static dev.sotto.model.ChatDraftTest.allowed;
import static dev.sotto.model.ChatDraftTest.draft;
import static dev.sotto.model.ChatDraftTest.text;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.sotto.core.Admission;
import dev.sotto.core.DataClass;
import dev.sotto.core.EgressDoor.Verdict;
import dev.sotto.core.StreamDisclosure;
import dev.sotto.core.TenantId;
import dev.sotto.model.RealtimeEvent.Part;
import dev.sotto.model.RealtimeEvent.Status;
import dev.sotto.model.RealtimeSession.Hearing;
import dev.sotto.testkit.FakeEgressDoor;
import dev.sotto.testkit.FakeMeter;
import dev.sotto.testkit.FakePassage;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class RealtimeSessionTest {
    static final RealtimeSettings SETTINGS =
            RealtimeSettings.conversation("gpt-realtime", "marin", "gpt-4o-transcribe", "en");
    private static final Part PART = new Part("resp_1", "item_9", 0, 0);

    private final RealtimeServer server = new RealtimeServer();
    private final FakeMeter meter = new FakeMeter();
    private final FakePassage passage = passage();
    private ModelEndpoint endpoint;

    static FakePassage passage() {
        var door = new FakeEgressDoor();
        door.open();
        var granted = (Admission.Granted) door.grant(new StreamDisclosure(
                TenantId.OPERATOR, Optional.empty(), "simulator", DataClass.RECORDING, "speech-to-speech"));
        return (FakePassage) granted.passage();
    }

    @BeforeEach
    void open() {
        endpoint = ModelEndpoint.open(server.provider(), meter);
    }

    @AfterEach
    void close() {
        endpoint.close();
        server.close();
    }

    private RealtimeSession session() {
        return endpoint.realtime(SETTINGS, allowed("hi"), passage);
    }

    static RealtimeEvent next(RealtimeSession session) {
        return session.next(ModelServer.PATIENCE).orElseThrow();
    }

    static List<RealtimeEvent> next(RealtimeSession session, int count) {
        var events = new ArrayList<RealtimeEvent>();
        for (int i = 0; i < count; i++) {
            events.add(next(session));
        }
        return events;
    }

    static String ofPart(String type, String more) {
        return "{\"event_id\":\"e\",\"type\":\"%s\",\"response_id\":\"resp_1\",\"item_id\":\"item_9\",\"output_index\":0,\"content_index\":0%s}"
                .formatted(type, more);
    }

    static String audio(byte... codes) {
        return ofPart(
                "response.output_audio.delta",
                ",\"delta\":\"%s\"".formatted(Base64.getEncoder().encodeToString(codes)));
    }

    static String created(String id) {
        return "{\"event_id\":\"e\",\"type\":\"response.created\",\"response\":{\"id\":\"%s\",\"status\":\"in_progress\"}}"
                .formatted(id);
    }

    static String done(String id, String status) {
        return "{\"event_id\":\"e\",\"type\":\"response.done\",\"response\":{\"id\":\"%s\",\"status\":\"%s\",\"output\":[],\"usage\":{\"input_tokens\":5,\"output_tokens\":2}}}"
                .formatted(id, status);
    }

    @Test
    void opening_setsTheSessionUpAndTellsTheConversationAsAllowed() {
        try (var _ = endpoint.realtime(SETTINGS, allowed(draft()), passage)) {
            assertThat(server.upgrade().uri()).isEqualTo("/v1/realtime?model=gpt-realtime");
            var session = server.next("session.update").path("session");
            assertThat(session.path("instructions").stringValue()).isEqualTo("be kind");
            assertThat(session.path("audio")
                            .path("input")
                            .path("turn_detection")
                            .path("create_response"))
                    .isEqualTo(WireJson.MAPPER.readTree("false"));
            assertThat(List.of(
                            server.next(), server.next(), server.next(), server.next(), server.next(), server.next()))
                    .extracting(json -> json.path("item").path("type").stringValue() + " "
                            + json.path("item").path("role").stringValue("-"))
                    .containsExactly(
                            "message user",
                            "message assistant",
                            "function_call -",
                            "function_call -",
                            "function_call_output -",
                            "function_call_output -");
        }
    }

    @Test
    void response_isGivenInPartsWithItsWords() {
        server.responding(() -> {
            server.send(created("resp_1"));
            server.send(audio((byte) 1, (byte) 2));
            server.send(ofPart("response.output_audio_transcript.delta", ",\"delta\":\"Good \""));
            server.send(audio((byte) 3));
            server.send(ofPart("response.output_audio_transcript.done", ",\"transcript\":\"Good day.\""));
            server.send(ofPart("response.output_audio.done", ""));
            server.send(done("resp_1", "completed"));
        });
        try (var session = session()) {
            session.respond();

            assertThat(next(session, 7))
                    .containsExactly(
                            new RealtimeEvent.ResponseStarted("resp_1"),
                            new RealtimeEvent.AgentAudio(PART, AudioChunk.mulaw(new byte[] {1, 2})),
                            new RealtimeEvent.AgentWords(PART, text("Good ")),
                            new RealtimeEvent.AgentAudio(PART, AudioChunk.mulaw(new byte[] {3})),
                            new RealtimeEvent.AgentWordsEnded(PART, text("Good day.")),
                            new RealtimeEvent.AgentAudioEnded(PART),
                            new RealtimeEvent.ResponseEnded("resp_1", Status.COMPLETED, new AnswerEvent.Usage(5, 2)));
        }
    }

    @Test
    void response_thatWasNotAskedFor_isCancelledAndNothingOfItIsGiven() {
        try (var session = session()) {
            server.send(created("resp_1"));
            server.send(audio((byte) 1));
            server.send(ofPart("response.output_audio_transcript.done", ",\"transcript\":\"canary\""));
            server.send(done("resp_1", "cancelled"));
            server.send("{\"type\":\"input_audio_buffer.committed\",\"event_id\":\"e\",\"item_id\":\"item_1\"}");

            assertThat(next(session)).isEqualTo(new RealtimeEvent.Committed("item_1"));
            assertThat(server.next("response.cancel").path("response_id").stringValue())
                    .isEqualTo("resp_1");
            assertThat(meter.counted(ModelMetrics.RESPONSES_UNASKED)).isOne();
        }
    }

    @Test
    void caller_isHeardUnderThePassage_whichCountsEveryFrame() {
        try (var session = session()) {
            assertThat(session.hear(AudioChunk.mulaw(new byte[160]))).isEqualTo(Hearing.TAKEN);
            assertThat(session.hear(AudioChunk.mulaw(new byte[160]))).isEqualTo(Hearing.TAKEN);
            assertThat(session.hear(AudioChunk.mulaw(new byte[160]))).isEqualTo(Hearing.TAKEN);
            assertThat(session.hear(AudioChunk.mulaw(new byte[80]))).isEqualTo(Hearing.TAKEN);

            var first = server.next("input_audio_buffer.append");
            assertThat(Base64.getDecoder().decode(first.path("audio").stringValue()))
                    .hasSize(480);
            var rest = server.next("input_audio_buffer.append"); // though no more comes
            assertThat(Base64.getDecoder().decode(rest.path("audio").stringValue()))
                    .hasSize(80);
            assertThat(passage.units()).isEqualTo(4);
            assertThat(passage.bytes()).isEqualTo(560);
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> session.hear(AudioChunk.pcm16(new short[160], 8_000)));
        }
        assertThat(passage.closed()).isFalse();
    }

    @Test
    void turn_isHeardAndReplacedByWhatTheGuardLeft() {
        try (var session = session()) {
            server.send(
                    "{\"type\":\"input_audio_buffer.speech_started\",\"event_id\":\"e\",\"audio_start_ms\":1000,\"item_id\":\"item_1\"}");
            server.send(
                    "{\"type\":\"conversation.item.input_audio_transcription.completed\",\"event_id\":\"e\",\"item_id\":\"item_1\",\"content_index\":0,\"transcript\":\"I am Ada\",\"usage\":{}}");
            assertThat(next(session)).isEqualTo(new RealtimeEvent.SpeechStarted("item_1", Duration.ofSeconds(1)));
            assertThat(next(session)).isEqualTo(new RealtimeEvent.Heard("item_1", 0, text("I am Ada")));

            var draft = new MessageDraft(new Message.Caller(text("I am Ada")));
            session.replace("item_1", draft.allowed(new Verdict.Allowed(List.of(text("I am <NAME>")), "mask")));

            server.next("conversation.item.create"); // the conversation at the start
            var replaced = server.next("conversation.item.create");
            assertThat(replaced.path("previous_item_id").stringValue()).isEqualTo("item_1");
            assertThat(replaced.toString()).contains("<NAME>").doesNotContain("Ada");
            assertThat(server.next("conversation.item.delete").path("item_id").stringValue())
                    .isEqualTo("item_1");
        }
    }

    @Test
    void tool_isAskedForOnceThoughItIsToldThreeTimes() {
        String call =
                "{\"id\":\"fc_1\",\"type\":\"function_call\",\"call_id\":\"call_1\",\"name\":\"lookup\",\"arguments\":\"{}\"}";
        server.responding(() -> {
            server.send(created("resp_1"));
            server.send(
                    "{\"event_id\":\"e\",\"type\":\"response.function_call_arguments.done\",\"response_id\":\"resp_1\",\"item_id\":\"fc_1\",\"output_index\":0,\"call_id\":\"call_1\",\"name\":\"lookup\",\"arguments\":\"{}\"}");
            server.send(
                    "{\"event_id\":\"e\",\"type\":\"response.output_item.done\",\"response_id\":\"resp_1\",\"output_index\":0,\"item\":%s}"
                            .formatted(call));
            server.send(done("resp_1", "completed").replace("\"output\":[]", "\"output\":[" + call + "]"));
        });
        try (var session = session()) {
            session.respond();

            assertThat(next(session, 3))
                    .containsExactly(
                            new RealtimeEvent.ResponseStarted("resp_1"),
                            new RealtimeEvent.ToolAsked("resp_1", new ToolCall("call_1", "lookup", text("{}"))),
                            new RealtimeEvent.ResponseEnded("resp_1", Status.COMPLETED, new AnswerEvent.Usage(5, 2)));
        }
    }

    @Test
    void tool_thatWasNotDeclared_isUnknownAndItsNameIsNotKept() {
        server.responding(() -> {
            server.send(created("resp_1"));
            server.send(
                    "{\"event_id\":\"e\",\"type\":\"response.function_call_arguments.done\",\"response_id\":\"resp_1\",\"item_id\":\"fc_1\",\"output_index\":0,\"call_id\":\"call_1\",\"name\":\"canary\",\"arguments\":\"{}\"}");
        });
        try (var session = session()) {
            session.respond();
            next(session);

            assertThat(next(session))
                    .isEqualTo(new RealtimeEvent.ToolAsked(
                            "resp_1", new ToolCall("call_1", ToolCall.UNKNOWN_TOOL, text("{}"))));
        }
    }

    @Test
    void pcm_isResampledBothWays() {
        server.responding(() -> {
            server.send(created("resp_1"));
            server.send(audio(new byte[481])); // a sample is cut in two
            server.send(audio(new byte[479]));
            server.send(ofPart("response.output_audio.done", ""));
        });
        try (var session =
                endpoint.realtime(SETTINGS.format(RealtimeSettings.Format.PCM_24K), allowed("hi"), passage)) {
            for (int frame = 0; frame < 2 * Outbox.TOGETHER; frame++) {
                session.hear(AudioChunk.pcm16(new short[160], 8_000));
            }
            server.next("input_audio_buffer.append");
            var second = server.next("input_audio_buffer.append");
            assertThat(Base64.getDecoder().decode(second.path("audio").stringValue()))
                    .hasSize(Outbox.TOGETHER * 960);

            session.respond();
            int samples = 0;
            RealtimeEvent event = next(session);
            while (!(event instanceof RealtimeEvent.AgentAudioEnded)) {
                if (event instanceof RealtimeEvent.AgentAudio part) {
                    assertThat(part.audio().rateHertz()).isEqualTo(8_000);
                    samples += part.audio().sampleCount();
                }
                event = next(session);
            }
            assertThat(samples).isEqualTo(160);
        }
    }

    @Test
    void azure_isSpokenToInItsOwnDialect() {
        endpoint.close();
        var azure = new Provider(
                "azure",
                server.provider().base().resolve("/openai?api-version=2025-04-01-preview"),
                text("k-1"),
                Provider.KeyHeader.API_KEY,
                "swedencentral",
                ModelServer.PATIENT,
                Optional.empty(),
                true);
        endpoint = ModelEndpoint.open(azure, meter);
        server.responding(() -> {
            server.send(created("resp_1"));
            server.send(ofPart("response.audio.delta", ",\"delta\":\"AQ==\""));
            server.send(ofPart("response.audio_transcript.done", ",\"transcript\":\"Hi\""));
        });
        try (var session = endpoint.realtime(SETTINGS.dialect(RealtimeSettings.Dialect.BETA), allowed("hi"), passage)) {
            var upgrade = server.upgrade();
            assertThat(upgrade.uri())
                    .isEqualTo("/openai/realtime?api-version=2025-04-01-preview&deployment=gpt-realtime");
            assertThat(upgrade.apiKey()).isEqualTo("k-1");
            assertThat(upgrade.authorization()).isNull();
            assertThat(upgrade.beta()).isEqualTo("realtime=v1");
            var told = server.next("session.update").path("session");
            assertThat(told.path("input_audio_format").stringValue()).isEqualTo("g711_ulaw");
            assertThat(told.has("type")).isFalse();
            session.respond();

            assertThat(next(session, 3))
                    .containsExactly(
                            new RealtimeEvent.ResponseStarted("resp_1"),
                            new RealtimeEvent.AgentAudio(PART, AudioChunk.mulaw(new byte[] {1})),
                            new RealtimeEvent.AgentWordsEnded(PART, text("Hi")));
        }
    }

    @Test
    void openAi_isShownTheKeyAndNoBetaHeader() {
        endpoint.close();
        endpoint = ModelEndpoint.open(
                new Provider(
                        "openai",
                        server.provider().base(),
                        text("sk-1"),
                        Provider.KeyHeader.BEARER,
                        "",
                        ModelServer.PATIENT,
                        Optional.empty(),
                        true),
                meter);
        try (var _ = session()) {
            var upgrade = server.upgrade();
            assertThat(upgrade.authorization()).isEqualTo("Bearer sk-1");
            assertThat(upgrade.beta()).isNull();
        }
    }

    @ParameterizedTest
    @EnumSource(RealtimeSettings.Dialect.class)
    void transcription_isASessionThatOnlyWritesDown(RealtimeSettings.Dialect dialect) {
        var settings = SETTINGS.dialect(dialect).purpose(RealtimeSettings.Purpose.TRANSCRIPTION);
        try (var session =
                endpoint.realtime(settings, allowed(new ChatDraft(text(""), List.of(), List.of())), passage)) {
            assertThat(server.upgrade().uri()).isEqualTo("/v1/realtime?intent=transcription");
            server.send(
                    "{\"type\":\"conversation.item.input_audio_transcription.completed\",\"event_id\":\"e\",\"item_id\":\"item_1\",\"content_index\":0,\"transcript\":\"I am Ada\"}");

            assertThat(next(session)).isEqualTo(new RealtimeEvent.Heard("item_1", 0, text("I am Ada")));
        }
    }

    @Test
    void replacement_ofMoreThanOneItem_isRefused() {
        var agent =
                new MessageDraft(new Message.Agent(text(""), List.of(new ToolCall("call_1", "lookup", text("{}")))));
        var allowed = agent.allowed(new Verdict.Allowed(agent.pieces(), "test"));
        try (var session = session()) {
            assertThatIllegalArgumentException().isThrownBy(() -> session.replace("item_1", allowed));
            assertThatIllegalArgumentException().isThrownBy(() -> session.delete("no id"));
            assertThatIllegalArgumentException().isThrownBy(() -> session.truncate("item_1", -1, Duration.ZERO));
        }
    }

    @Test
    void close_saysGoodbye() {
        var session = session();
        session.close();

        assertThat(server.clientLeft()).isTrue();
        String last = server.nextText();
        while (!last.equals("close")) {
            last = server.nextText();
        }
        assertThat(session.hear(AudioChunk.mulaw(new byte[160]))).isEqualTo(Hearing.ENDED);
    }
}
