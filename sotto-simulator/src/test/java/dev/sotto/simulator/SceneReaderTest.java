package dev.sotto.simulator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.sotto.core.NotFoundException;
import dev.sotto.core.RejectedException;
import dev.sotto.testkit.Samples;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SceneReaderTest {
    private static final String SMALLEST = """
            {"format":"sotto-scene/1","name":"s","title":"t","otherwise":"Pardon?","steps":[{"name":"a","say":"Hello."}]}
            """;

    @Test
    void shipped_allOfThem_areValidAndHaveATitle() {
        assertThat(Scene.SHIPPED)
                .allSatisfy(name -> assertThat(Scene.shipped(name).title()).isNotBlank());
        assertThat(Scene.shipped("healthcare-appointment").utterances()).hasSize(4);
    }

    @Test
    void shipped_unknownName_isNotFound() {
        assertThatExceptionOfType(NotFoundException.class).isThrownBy(() -> Scene.shipped("../secrets"));
    }

    @Test
    void smallest_isRead() {
        assertThat(Scene.parse(SMALLEST).name()).isEqualTo("s");
    }

    @Test
    void manyProblems_areReportedTogetherWithTheirPaths() {
        assertThatExceptionOfType(RejectedException.class)
                .isThrownBy(() -> Scene.parse("""
                        {"format":"sotto-scene/2","name":"Not A Name","title":"t","otherwise":"x","colour":1,
                         "steps":[
                          {"name":"a","say":"{{value:nobody}} {{result:x}} {{result:/y|loud}} {{what}} {{open","next":"gone"},
                          {"name":"a","heard":{"final":"hello","partials":["help"]},"say":"x","fault":{"kind":"boredom"}},
                          {"name":"b","calls":[{"tool":"t","arguments":{}}]},
                          {"name":"c","calls":[{"tool":"t","arguments":[]}],
                           "branches":[{"pointer":"/a","goto":"nowhere"},{"equals":1,"goto":"a"}]},
                          {"name":"d"}]}
                        """))
                .satisfies(refused -> assertThat(refused.code()).isEqualTo(SimulatorError.SCENE_INVALID))
                .withMessageContainingAll(
                        "/format must be sotto-scene/1",
                        "/name must match",
                        "/colour is not known",
                        "/steps/0/say names a value (nobody)",
                        "/steps/0/say has a pointer (x)",
                        "/steps/0/say has an unknown filter (loud)",
                        "/steps/0/say has an unknown place (what)",
                        "/steps/0/say has a place that does not end",
                        "/steps/0/next names no step (gone)",
                        "/steps/1/name is not the only one",
                        "/steps/1/heard/partials/0 must be how what follows it begins",
                        "/steps/1/fault/kind is not a fault (boredom)",
                        "/steps/2 must have branches",
                        "/steps/3/calls/0/arguments must be an object",
                        "/steps/3/branches/0 must have a pointer with either",
                        "/steps/3/branches/0/goto names no step (nowhere)",
                        "/steps/3/branches/1 must have a pointer with either",
                        "/steps/4 must say something or call a tool");
    }

    @Test
    void problems_areBounded() {
        var steps = new StringBuilder();
        for (int i = 0; i < 199; i++) {
            steps.append("{\"bad\":1},");
        }
        String scene = SMALLEST.replace("\"steps\":[", "\"steps\":[" + steps);
        assertThatExceptionOfType(RejectedException.class)
                .isThrownBy(() -> Scene.parse(scene))
                .satisfies(
                        refused -> assertThat(refused.getMessage().split(";")).hasSizeLessThanOrEqualTo(50));
    }

    @Test
    void faults_areReadByName() {
        for (Fault.Kind kind : Fault.Kind.values()) {
            String fault = kind == Fault.Kind.DELAY
                    ? "{\"kind\":\"delay\",\"milliseconds\":250}"
                    : "{\"kind\":\"%s\"}".formatted(kind.word());
            var scene = Scene.parse(SMALLEST.replace("\"say\":", "\"fault\":" + fault + ",\"say\":"));
            assertThat(scene.steps().getFirst().fault()).extracting(Fault::kind).isEqualTo(kind);
        }
        assertThatExceptionOfType(RejectedException.class)
                .isThrownBy(() -> Scene.parse(SMALLEST.replace("\"say\":", "\"fault\":{\"kind\":\"delay\"},\"say\":")))
                .withMessageContaining("/steps/0/fault/milliseconds");
    }

    @Test
    void damagedScenes_areRefusedOrRead_neverAnythingElse() throws IOException {
        String whole;
        try (InputStream in = Scene.class.getResourceAsStream("scenes/healthcare-appointment.json")) {
            whole = new String(in.readAllBytes(), StandardCharsets.UTF_8);
        }
        Samples.forAll(
                400,
                random -> {
                    int at = random.nextInt(whole.length());
                    return random.nextBoolean()
                            ? whole.substring(0, at)
                            : whole.substring(0, at) + (char) random.nextInt(32, 127) + whole.substring(at + 1);
                },
                damaged -> {
                    try {
                        assertThat(Scene.parse(damaged).steps()).isNotEmpty();
                    } catch (RejectedException refused) {
                        assertThat(refused.code()).isEqualTo(SimulatorError.SCENE_INVALID);
                    }
                });
    }

    @Test
    void nestedTooDeep_isRefused() {
        assertThatExceptionOfType(RejectedException.class)
                .isThrownBy(() -> Scene.parse("[".repeat(10_000) + "]".repeat(10_000)));
    }

    @Test
    void read_fileThatIsTooLargeOrAbsent_isRefused(@TempDir Path folder) throws IOException {
        Path large = Files.write(folder.resolve("large.json"), new byte[Scene.MAX_BYTES + 1]);
        for (Path file : new Path[] {large, folder.resolve("absent.json")}) {
            assertThatExceptionOfType(RejectedException.class)
                    .isThrownBy(() -> Scene.read(file))
                    .satisfies(refused -> assertThat(refused.code()).isEqualTo(SimulatorError.SCENE_UNREADABLE));
        }
        Path small = Files.writeString(folder.resolve("small.json"), SMALLEST);
        assertThat(Scene.read(small).name()).isEqualTo("s");
    }
}
