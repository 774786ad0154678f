package dev.sotto.simulator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assumptions.assumeThat;

import com.openai.core.ObjectMappers;
import com.openai.models.realtime.RealtimeServerEvent;
import dev.sotto.testkit.Vectors;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/// Every event that the simulator sends, against the table of the protocol's events and against the classes of the
/// official client library.
class OfficialShapesTest {
    private static final String RESPOND = "{\"type\":\"response.create\"}";
    /// What no other test would notice if it were never sent.
    private static final Set<String> GENERAL_EVENTS = Set.of(
            "session.created",
            "session.updated",
            "conversation.created",
            "conversation.item.added",
            "conversation.item.done",
            "conversation.item.deleted",
            "conversation.item.retrieved",
            "conversation.item.truncated",
            "conversation.item.input_audio_transcription.delta",
            "conversation.item.input_audio_transcription.completed",
            "conversation.item.input_audio_transcription.failed",
            "input_audio_buffer.speech_started",
            "input_audio_buffer.speech_stopped",
            "input_audio_buffer.committed",
            "input_audio_buffer.cleared",
            "response.created",
            "response.done",
            "response.output_item.added",
            "response.output_item.done",
            "response.content_part.added",
            "response.content_part.done",
            "response.output_audio.delta",
            "response.output_audio.done",
            "response.output_audio_transcript.delta",
            "response.output_audio_transcript.done",
            "response.output_text.delta",
            "response.output_text.done",
            "response.function_call_arguments.delta",
            "response.function_call_arguments.done",
            "rate_limits.updated",
            "error");

    private static final SessionRig GENERAL = everything(Dialect.GENERAL);
    private static final SessionRig BETA = everything(Dialect.BETA);

    private record Shape(Set<String> required, Set<String> all) {}

    /// A session in which everything happens.
    private static SessionRig everything(Dialect dialect) {
        var rig = new SessionRig(dialect, Pace.REAL_TIME, "healthcare-appointment");
        rig.configure(false);
        respond(rig, RESPOND);
        String greeting = rig.last("response.output_item.done").at("/item/id").asString();
        rig.say("{\"type\":\"conversation.item.truncate\",\"item_id\":\"%s\",\"content_index\":0,\"audio_end_ms\":100}"
                .formatted(greeting));
        rig.say("{\"type\":\"conversation.item.retrieve\",\"item_id\":\"%s\"}".formatted(greeting));
        rig.say("{\"type\":\"conversation.item.delete\",\"item_id\":\"%s\"}".formatted(greeting));
        rig.speak(400);
        respond(rig, RESPOND);
        rig.studio.faults().inject(Service.REALTIME_HEARING, Fault.of(Fault.Kind.SERVER_ERROR), 1);
        rig.speak(400);
        respond(rig, RESPOND);
        respond(
                rig,
                dialect == Dialect.GENERAL
                        ? "{\"type\":\"response.create\",\"response\":{\"output_modalities\":[\"text\"],\"conversation\":\"none\",\"metadata\":{\"a\":\"b\"}}}"
                        : "{\"type\":\"response.create\",\"response\":{\"modalities\":[\"text\"],\"conversation\":\"none\",\"metadata\":{\"a\":\"b\"}}}");
        rig.say(
                "{\"type\":\"conversation.item.create\",\"item\":{\"type\":\"function_call_output\",\"call_id\":\"call_2_0_1\",\"output\":\"{}\"}}");
        rig.say(
                "{\"type\":\"conversation.item.create\",\"item\":{\"type\":\"message\",\"role\":\"user\",\"content\":[{\"type\":\"input_text\",\"text\":\"x\"}]}}");
        rig.say("{\"type\":\"input_audio_buffer.clear\"}");
        rig.say(RESPOND);
        rig.timers.advance(Duration.ofMillis(300));
        rig.say("{\"type\":\"response.cancel\",\"event_id\":\"mine\"}");
        rig.say("{\"type\":\"response.cancel\",\"event_id\":\"mine\"}");
        for (Fault.Kind kind : List.of(Fault.Kind.RATE_LIMITED, Fault.Kind.SERVER_ERROR)) {
            rig.studio.faults().inject(Service.REALTIME_RESPONSE, Fault.of(kind), 1);
            respond(rig, RESPOND);
        }
        return rig;
    }

    /// The first, the last and some between of each type: the library takes long for each.
    private static List<String> fewOfEach(SessionRig rig) {
        var byType = rig.events().stream()
                .collect(Collectors.groupingBy(event -> event.path("type").asString()));
        var few = new ArrayList<String>();
        for (var all : byType.values()) {
            for (int i = 0; i < all.size(); i += Math.max(1, all.size() / 3)) {
                few.add(Json.write(all.get(i)));
            }
            few.add(Json.write(all.getLast()));
        }
        return few;
    }

    private static void respond(SessionRig rig, String event) {
        rig.say(event);
        rig.timers.advance(Duration.ofSeconds(30));
    }

    @Test
    void general_everyEvent_isKnownToTheOfficialLibrary() throws IOException {
        for (String event : fewOfEach(GENERAL)) {
            var read = ObjectMappers.jsonMapper().readValue(event, RealtimeServerEvent.class);
            assertThatCode(read::validate).as("not valid: %s", event).doesNotThrowAnyException();
        }
    }

    @Test
    void beta_everyEvent_isKnownToTheOfficialLibrary() throws IOException {
        for (String event : fewOfEach(BETA)) {
            var read = ObjectMappers.jsonMapper()
                    .readValue(event, com.openai.models.beta.realtime.RealtimeServerEvent.class);
            assertThatCode(read::validate).as("not valid: %s", event).doesNotThrowAnyException();
        }
    }

    @Test
    void transcriptionSessions_areKnownToTheOfficialLibrary() throws IOException {
        var scene = Scene.shipped("healthcare-appointment");
        var general = new SessionRig(Dialect.GENERAL, Pace.IMMEDIATE, scene, true);
        general.say("{\"type\":\"session.update\",\"session\":{\"type\":\"transcription\"}}");
        var read = ObjectMappers.jsonMapper()
                .readValue(general.sent.getLast(), RealtimeServerEvent.class)
                .validate();
        assertThat(read.sessionUpdated().orElseThrow().session().isRealtimeTranscriptionSessionCreateRequest())
                .isTrue();
        var beta = new SessionRig(Dialect.BETA, Pace.IMMEDIATE, scene, true);
        beta.say("{\"type\":\"transcription_session.update\",\"session\":{\"input_audio_format\":\"g711_ulaw\"}}");
        var old = ObjectMappers.jsonMapper()
                .readValue(beta.sent.getLast(), com.openai.models.beta.realtime.RealtimeServerEvent.class)
                .validate();
        assertThat(old.transcriptionSessionUpdated()).isPresent();
    }

    @Test
    void officialLibrary_noticesWhatIsMissing() throws IOException {
        String event = GENERAL.sent.getFirst();
        for (String damaged : List.of(event.replace("\"event_id\"", "\"id\""), event.replace("session.created", "x"))) {
            var read = ObjectMappers.jsonMapper().readValue(damaged, RealtimeServerEvent.class);
            assertThat(read.isValid()).isFalse();
        }
    }

    @Test
    void general_nothingIsLeftOut() {
        assertThat(new TreeSet<>(GENERAL.types())).containsExactlyInAnyOrderElementsOf(GENERAL_EVENTS);
    }

    @Test
    void beta_namesAreTheOldOnes() {
        var rig = BETA;
        assertThat(rig.types())
                .contains(
                        "response.audio.delta",
                        "response.audio_transcript.done",
                        "response.text.done",
                        "conversation.item.created")
                .noneMatch(type -> type.contains("output_audio") || type.contains("output_text"))
                .doesNotContain("conversation.item.added", "conversation.item.done");
        assertThat(rig.last("session.updated").at("/session/input_audio_format").asString())
                .isEqualTo("g711_ulaw");
        assertThat(rig.last("response.done").at("/response/modalities").isArray())
                .isTrue();
        assertThat(String.join("\n", rig.sent))
                .doesNotContain("output_modalities", "\"output_audio\"", "\"output_text\"");
    }

    @Test
    void general_everyEvent_hasTheFieldsOfTheTable() throws IOException {
        Path table = Vectors.folder()
                .map(folder -> folder.resolveSibling("realtime-events.tsv"))
                .filter(Files::isRegularFile)
                .orElse(null);
        assumeThat(table).as("the table of events is not beside this project").isNotNull();
        Map<String, Shape> shapes = shapes(table);
        for (var event : GENERAL.events()) {
            Shape shape = shapes.get(event.path("type").asString());
            assertThat(shape).as("%s", event.path("type")).isNotNull();
            var fields = new ArrayList<>(event.propertyNames());
            assertThat(fields).as("%s", event).containsAll(shape.required());
            assertThat(shape.all()).as("%s", event).containsAll(fields);
        }
    }

    private static Map<String, Shape> shapes(Path table) throws IOException {
        var shapes = new HashMap<String, Shape>();
        for (String line : Files.readAllLines(table)) {
            String[] columns = line.split("\t", -1);
            if (columns[0].equals("server")) {
                var required = new TreeSet<>(List.of(columns[2].split(",", -1)));
                var all = new TreeSet<>(required);
                all.addAll(List.of(columns[3].split(",", -1)));
                shapes.put(columns[1], new Shape(required, all));
            }
        }
        return shapes;
    }
}
