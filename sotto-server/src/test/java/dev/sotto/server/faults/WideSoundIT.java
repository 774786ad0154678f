package dev.sotto.server.faults;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sotto.audit.Verification;
import dev.sotto.media.AudioClip;
import dev.sotto.simulator.Pace;
import java.time.Duration;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Gated mode with a provider that speaks and hears 16-bit PCM at 24 kHz: what each side hears is what the other said,
/// as long and as high.
class WideSoundIT {
    private static final int WIDE_RATE = 24_000;
    private static final int SAMPLES_PER_FRAME = WIDE_RATE / 50;
    private static final int BYTES_PER_MILLISECOND = 8;
    private static final int CALLER_HERTZ = 440;

    /// The simulator has no clip for this word and hums it: one syllable of 170 ms and a gap of 60 ms.
    private static final String WORD = "buzz";

    private static final int WORDS = 10;
    private static final int WORD_MILLISECONDS = 230;
    /// As `ScriptedVoice` computes it from the word.
    private static final int AGENT_HERTZ = 180 + 12 * Math.floorMod(WORD.hashCode(), 5);

    private static final int GAP_MILLISECONDS = 60;
    /// Below it a sample is no tone: the tones have 2,400.
    private static final int QUIET = 200;

    private static final int NEAR_HERTZ = 6;

    @ParameterizedTest
    @CsvSource({"ga, audio/pcm", "beta, pcm16"})
    void wideSound_isAsLongAndAsHighOnBothSides(String dialect, String named) throws Exception {
        String answer = String.join(" ", Collections.nCopies(WORDS, WORD)) + ".";
        String more = "model.realtime-audio = pcm24k\nmodel.realtime-dialect = " + dialect + "\n";
        try (var node = TalkingNode.gated(Scenes.answering(new Scenes.Answer("bees", answer)), new Pace(6), more);
                var phone = node.phone()) {
            var voice = AudioClip.concat(List.of(
                    Sound.tone(CALLER_HERTZ, Duration.ofMillis(800)), AudioClip.silence(Duration.ofMillis(1_500))));
            var line = phone.talk(voice, false);
            int expected = WORDS * WORD_MILLISECONDS;
            Await.until(
                    "the answer is heard",
                    () -> answered(line).length >= (expected - 500) * BYTES_PER_MILLISECOND
                            && line.quiet().toMillis() > 700);
            line.hangUp();
            line.await();
            var paper = node.paper();
            Await.until(
                    "the call is closed",
                    () -> !paper.entries(line.id(), "call.ended").isEmpty());

            short[] answered = Sound.withoutEdges(Sound.samples(answered(line)), QUIET);
            int sounding = expected - GAP_MILLISECONDS;
            assertThat(answered.length / BYTES_PER_MILLISECOND)
                    .as("milliseconds that the caller hears")
                    .isBetween(sounding - 40, sounding + 20);
            assertThat(Sound.loudestHertz(answered, AudioClip.SAMPLE_RATE_HERTZ))
                    .as("hertz that the caller hears")
                    .isBetween(AGENT_HERTZ - NEAR_HERTZ, AGENT_HERTZ + NEAR_HERTZ);

            assertThat(Wire.words(node.simulator()))
                    .contains("\"" + named + "\"")
                    .doesNotContain("pcmu", "g711");
            short[] heard = Wire.wide(node.simulator());
            assertThat(Sound.loudestHertz(heard, WIDE_RATE))
                    .as("hertz that the provider hears")
                    .isBetween(CALLER_HERTZ - NEAR_HERTZ, CALLER_HERTZ + NEAR_HERTZ);
            assertThat(paper.entries(line.id(), "disclosure.ended"))
                    .singleElement()
                    .satisfies(ended -> assertThat(
                                    Integer.parseInt(ended.details().get("units")) * SAMPLES_PER_FRAME - heard.length)
                            .as("every frame that the provider got is counted, and the filter holds less than one back")
                            .isBetween(0, SAMPLES_PER_FRAME - 1));
            assertThat(paper.turns(line.id())).extracting(Paper.Turn::text).contains(answer);
            assertThat(paper.call(line.id()).path("served").asString("")).isEqualTo("gated");
            assertThat(node.node().core().services().verifyAudit()).isInstanceOf(Verification.Intact.class);
        }
    }

    /// What was heard after the greeting.
    private static byte[] answered(Phone.Line line) throws Exception {
        byte[] heard = line.heard();
        byte[] greeting = Sound.shipped("talk.greeting");
        int at = Sound.find(heard, greeting);
        return at < 0 ? new byte[0] : Arrays.copyOfRange(heard, at + greeting.length, heard.length);
    }
}
