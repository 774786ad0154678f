package dev.sotto.model;

import static dev.sotto.model.ChatDraftTest.allowed;
import static dev.sotto.model.ChatDraftTest.draft;
import static dev.sotto.model.ChatDraftTest.text;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.openai.core.ObjectMappers;
import com.openai.models.realtime.RealtimeClientEvent;
import com.openai.models.realtime.RealtimeServerEvent;
import com.openai.models.realtime.ResponseAudioDeltaEvent;
import com.openai.models.realtime.ResponseAudioTranscriptDoneEvent;
import com.openai.models.realtime.ResponseFunctionCallArgumentsDoneEvent;
import dev.sotto.core.Meter;
import dev.sotto.core.UnavailableException;
import dev.sotto.model.RealtimeSettings.Dialect;
import dev.sotto.model.RealtimeSettings.Purpose;
import dev.sotto.testkit.Samples;
import dev.sotto.testkit.Vectors;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Modifier;
import java.nio.file.Files;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/// Each event against the list of the protocol and against the vendor's own classes.
class RealtimeProtocolTest {
    private static final Map<String, String> SAMPLES = samples();
    /// Not in the vendor's union of general availability.
    private static final Set<String> BETA_ONLY =
            Set.of("transcription_session.updated", "transcription_session.update");

    private static Map<String, String> samples() {
        try (var in = RealtimeProtocolTest.class.getResourceAsStream("server-events.jsonl")) {
            var samples = new LinkedHashMap<String, String>();
            for (String line : new String(in.readAllBytes(), UTF_8).lines().toList()) {
                samples.put(WireJson.MAPPER.readTree(line).path("type").stringValue(), line);
            }
            return samples;
        } catch (IOException unreadable) {
            throw new UncheckedIOException(unreadable);
        }
    }

    static Stream<String> serverEvents() {
        return SAMPLES.values().stream();
    }

    private record Row(String direction, String type, List<String> required) {}

    /// The list that the project is built from, where it is present.
    private static List<Row> list() throws IOException {
        var list = Vectors.folder().map(folder -> folder.resolveSibling("realtime-events.tsv"));
        assumeThat(list.filter(Files::isRegularFile).isPresent(), "realtime-events.tsv is not here");
        return Files.readAllLines(list.orElseThrow()).stream()
                .skip(1)
                .map(line -> line.split("\t", -1))
                .map(cells -> new Row(cells[0], cells[1], List.of(cells[2].split(","))))
                .toList();
    }

    private static void assumeThat(boolean holds, String reason) {
        assumeTrue(holds, reason);
    }

    private static List<String> clientEvents(RealtimeSettings settings) {
        var events = new ClientEvents(settings);
        return List.of(
                events.sessionUpdate("e1", allowed(draft())),
                events.append("e2", new byte[160]),
                events.commit("e3"),
                events.clear("e4"),
                events.clearOutput("e5"),
                events.userItem("e6", "", "hi"),
                events.agentItem("e7", "item_1", "hello"),
                events.callItem("e8", "", "call_1", "lookup", "{}"),
                events.resultItem("e9", "", "call_1", "{}"),
                events.delete("e10", "item_1"),
                events.retrieve("e11", "item_1"),
                events.truncate("e12", "item_1", 0, Duration.ofMillis(1500)),
                events.respond("e13"),
                events.cancel("e14", "resp_1"));
    }

    private static List<String> allClientEvents() {
        var all = new ArrayList<>(clientEvents(RealtimeSessionTest.SETTINGS));
        all.addAll(clientEvents(RealtimeSessionTest.SETTINGS.format(RealtimeSettings.Format.PCM_24K)));
        all.addAll(clientEvents(RealtimeSessionTest.SETTINGS.purpose(Purpose.TRANSCRIPTION)));
        all.addAll(clientEvents(RealtimeSessionTest.SETTINGS.dialect(Dialect.BETA)));
        all.addAll(
                clientEvents(RealtimeSessionTest.SETTINGS.dialect(Dialect.BETA).purpose(Purpose.TRANSCRIPTION)));
        return all;
    }

    @Test
    void clientEvents_areAllOfTheListWithTheirFields() throws IOException {
        var sent = allClientEvents().stream().map(WireJson.MAPPER::readTree).toList();
        for (var row : list()) {
            if (row.direction().equals("client")) {
                var ofType = sent.stream()
                        .filter(json -> json.path("type").stringValue().equals(row.type()))
                        .toList();
                assertThat(ofType).as(row.type()).isNotEmpty();
                assertThat(ofType)
                        .allSatisfy(json -> assertThat(row.required())
                                .allSatisfy(field -> assertThat(json.has(field))
                                        .as("%s of %s", field, row.type())
                                        .isTrue()));
            }
        }
    }

    @Test
    void serverEvents_areAllOfTheListWithTheirFields() throws IOException {
        for (var row : list()) {
            if (row.direction().equals("server")) {
                assertThat(SAMPLES).containsKey(row.type());
                var json = WireJson.MAPPER.readTree(SAMPLES.get(row.type()));
                assertThat(row.required())
                        .allSatisfy(field -> assertThat(json.has(field))
                                .as("%s of %s", field, row.type())
                                .isTrue());
                assertThat(ServerEvent.read(SAMPLES.get(row.type())))
                        .as(row.type())
                        .isPresent();
            }
        }
    }

    @Test
    void everyTypeThatIsRead_hasASample() {
        var read = SAMPLES.values().stream()
                .map(line -> ServerEvent.read(line).orElseThrow().type())
                .collect(Collectors.toSet());
        assertThat(read).containsExactlyInAnyOrder(ServerEventType.values());
    }

    @ParameterizedTest
    @EnumSource(RealtimeSettings.Format.class)
    void clientEvents_areUnderstoodByTheVendorsClassesToTheLastField(RealtimeSettings.Format format) throws Exception {
        for (var purpose : Purpose.values()) {
            for (String json :
                    clientEvents(RealtimeSessionTest.SETTINGS.format(format).purpose(purpose))) {
                var event = ObjectMappers.jsonMapper().readValue(json, RealtimeClientEvent.class);
                event.validate();
                assertNothingUnknown(event, new HashSet<>());
            }
        }
    }

    @Test
    void fieldThatTheVendorDoesNotKnow_isNoticed() throws Exception {
        String json = clientEvents(RealtimeSessionTest.SETTINGS).getFirst();
        for (String known : List.of("threshold", "voice", "instructions", "event_id")) {
            String changed = json.replaceFirst("\"" + known + "\"", "\"made_up\":1,\"" + known + "\"");
            var event = ObjectMappers.jsonMapper().readValue(changed, RealtimeClientEvent.class);

            assertThatExceptionOfType(AssertionError.class)
                    .as(known)
                    .isThrownBy(() -> assertNothingUnknown(event, new HashSet<>()));
        }
    }

    @ParameterizedTest
    @EnumSource(RealtimeSettings.Format.class)
    void betaClientEvents_areUnderstoodByTheVendorsBetaClassesToTheLastField(RealtimeSettings.Format format)
            throws Exception {
        var settings = RealtimeSessionTest.SETTINGS.dialect(Dialect.BETA).format(format);
        for (String json : clientEvents(settings)) {
            if (json.contains("output_audio_buffer")) {
                continue; // WebRTC only; the beta classes do not have it
            }
            var event = ObjectMappers.jsonMapper()
                    .readValue(json, com.openai.models.beta.realtime.RealtimeClientEvent.class);
            event.validate();
            assertNothingUnknown(event, new HashSet<>());
        }
        var transcription = new ClientEvents(settings.purpose(Purpose.TRANSCRIPTION)).sessionUpdate("e", allowed("hi"));
        var update = ObjectMappers.jsonMapper()
                .readValue(transcription, com.openai.models.beta.realtime.TranscriptionSessionUpdate.class);
        update.validate();
        assertNothingUnknown(update, new HashSet<>());
    }

    /// No object of the vendor's classes kept a field that its class does not have.
    private static void assertNothingUnknown(Object value, Set<Integer> seen) throws IllegalAccessException {
        if (!value.getClass().getName().startsWith("com.openai.models") || !seen.add(System.identityHashCode(value))) {
            return;
        }
        for (var method : value.getClass().getMethods()) {
            if (method.getParameterCount() > 0
                    || Modifier.isStatic(method.getModifiers())
                    || method.getName().equals("toBuilder")) {
                continue;
            }
            try {
                if (method.getName().equals("_additionalProperties")) {
                    boolean schema = value.getClass().getSimpleName().equals("Parameters");
                    assertThat((Map<?, ?>) method.invoke(value))
                            .as(value.getClass().getName())
                            .matches(map -> schema || map.isEmpty());
                } else if (!method.getName().startsWith("_")
                        && !method.getName().startsWith("as")) {
                    for (Object inner : unwrapped(method.invoke(value))) {
                        assertNothingUnknown(inner, seen);
                    }
                }
            } catch (InvocationTargetException absent) {
                assertThat(absent.getCause()).isNotInstanceOf(AssertionError.class);
            }
        }
    }

    private static List<?> unwrapped(Object value) {
        return switch (value) {
            case null -> List.of();
            case Optional<?> optional ->
                optional.map(RealtimeProtocolTest::unwrapped).orElse(List.of());
            case List<?> list -> list;
            default -> List.of(value);
        };
    }

    @ParameterizedTest
    @MethodSource("serverEvents")
    void serverEvent_asTheVendorWritesIt_isReadTheSame(String sample) throws Exception {
        String type = WireJson.MAPPER.readTree(sample).path("type").stringValue();
        var ours = order("resp_1").take(ServerEvent.read(sample).orElseThrow());
        if (!BETA_ONLY.contains(type)) {
            var vendor = ObjectMappers.jsonMapper().readValue(sample, RealtimeServerEvent.class);
            vendor.validate();
            String written = ObjectMappers.jsonMapper().writeValueAsString(vendor);

            assertThat(order("resp_1").take(ServerEvent.read(written).orElseThrow()))
                    .isEqualTo(ours);
        }
        var more = (ObjectNode) WireJson.MAPPER.readTree(sample);
        more.put("obfuscation", "x").putArray("logprobs").addObject().put("new", 1);
        assertThat(order("resp_1").take(ServerEvent.read(more.toString()).orElseThrow()))
                .isEqualTo(ours);
    }

    @Test
    void serverEvents_fromTheVendorsBuilders_areRead() throws Exception {
        var order = order("resp_1");
        var part = new RealtimeEvent.Part("resp_1", "item_9", 1, 2);

        assertThat(take(
                        order,
                        ResponseAudioDeltaEvent.builder()
                                .eventId("e")
                                .responseId("resp_1")
                                .itemId("item_9")
                                .outputIndex(1)
                                .contentIndex(2)
                                .delta("AQID")
                                .build()))
                .containsExactly(new RealtimeEvent.AgentAudio(part, AudioChunk.mulaw(new byte[] {1, 2, 3})));
        assertThat(take(
                        order,
                        ResponseAudioTranscriptDoneEvent.builder()
                                .eventId("e")
                                .responseId("resp_1")
                                .itemId("item_9")
                                .outputIndex(1)
                                .contentIndex(2)
                                .transcript("Hello")
                                .build()))
                .containsExactly(new RealtimeEvent.AgentWordsEnded(part, text("Hello")));
        assertThat(take(
                        order,
                        ResponseFunctionCallArgumentsDoneEvent.builder()
                                .eventId("e")
                                .responseId("resp_1")
                                .itemId("fc_1")
                                .outputIndex(0)
                                .callId("call_1")
                                .name("lookup")
                                .arguments("{}")
                                .build()))
                .containsExactly(new RealtimeEvent.ToolAsked("resp_1", new ToolCall("call_1", "lookup", text("{}"))));
    }

    private static List<RealtimeEvent> take(RealtimeOrder order, Object event) throws Exception {
        return order.take(ServerEvent.read(ObjectMappers.jsonMapper().writeValueAsString(event))
                .orElseThrow());
    }

    /// An order in which a response of that id was asked for and began.
    private static RealtimeOrder order(String responseId) {
        var order = new RealtimeOrder(
                RealtimeSessionTest.SETTINGS, ProviderLimits.defaults(), Meter.none(), allowed("hi"), _ -> {});
        order.asked("e");
        order.take(ServerEvent.read(RealtimeSessionTest.created(responseId)).orElseThrow());
        return order;
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"type\":\"error\",\"error\":{\"type\":\"x\",\"code\":\"other\",\"event_id\":\"e2\"}}",
                "{\"type\":\"error\",\"error\":{\"type\":\"x\",\"code\":\"conversation_already_has_active_response\"}}"
            })
    void responseThatIsRefused_isAwaitedNoMore(String error) {
        var order = order("resp_1");
        order.asked("e2");
        assertThat(order.awaiting()).isTrue();

        assertThat(order.take(ServerEvent.read(error).orElseThrow()))
                .singleElement()
                .isInstanceOfSatisfying(
                        RealtimeEvent.Refused.class,
                        refused -> assertThat(refused.response()).isTrue());
        assertThat(order.awaiting()).isFalse();
        assertThat(order.responding()).isTrue();
    }

    @ParameterizedTest
    @MethodSource("serverEvents")
    void serverEvent_withoutAFieldThatItNeeds_isBroken(String sample) {
        var type = ServerEvent.read(sample).orElseThrow().type();
        for (String field : type.needed()) {
            JsonNode json = WireJson.MAPPER.readTree(sample);
            ((ObjectNode) json).remove(field);

            assertThatExceptionOfType(UnavailableException.class)
                    .isThrownBy(() -> ServerEvent.read(json.toString()))
                    .satisfies(broken -> assertThat(broken.code()).isEqualTo(ModelError.ANSWER_BROKEN));
        }
    }

    @Test
    void events_inAnyOrder_giveOnlyWhatWasAskedForAndNothingAfterItsEnd() {
        var lines = List.copyOf(SAMPLES.values());
        Samples.forAll(400, random -> random, random -> {
            var order = new RealtimeOrder(
                    RealtimeSessionTest.SETTINGS, ProviderLimits.defaults(), Meter.none(), allowed("hi"), _ -> {});
            boolean open = false;
            int asks = 0;
            for (int i = 0; i < 200; i++) {
                if (random.nextInt(20) == 0 && asks < RealtimeOrder.MAX_RESPONSES && !order.responding()) {
                    order.asked("e" + i);
                    asks++;
                }
                List<RealtimeEvent> events;
                try {
                    events = order.take(ServerEvent.read(lines.get(random.nextInt(lines.size())))
                            .orElseThrow());
                } catch (UnavailableException over) {
                    assertThat(over.code()).isEqualTo(ModelError.RESPONSE_UNASKED);
                    return;
                }
                for (var event : events) {
                    switch (event) {
                        case RealtimeEvent.ResponseStarted _ -> {
                            assertThat(open).isFalse();
                            open = true;
                            asks--;
                            assertThat(asks).isNotNegative();
                        }
                        case RealtimeEvent.ResponseEnded _ -> {
                            assertThat(open).isTrue();
                            open = false;
                        }
                        case RealtimeEvent.AgentAudio _,
                                RealtimeEvent.AgentWords _,
                                RealtimeEvent.AgentAudioEnded _,
                                RealtimeEvent.AgentWordsEnded _,
                                RealtimeEvent.ToolAsked _ -> assertThat(open).isTrue();
                        default -> {}
                    }
                }
            }
        });
    }
}
