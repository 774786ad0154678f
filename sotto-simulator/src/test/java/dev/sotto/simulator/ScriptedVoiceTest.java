package dev.sotto.simulator;

import static java.util.stream.Collectors.joining;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sotto.testkit.Samples;
import java.time.LocalDate;
import java.time.LocalTime;
import org.junit.jupiter.api.Test;

class ScriptedVoiceTest {
    private static final ScriptedVoice VOICE = new ScriptedVoice();

    @Test
    void shippedScenes_everythingTheyCanSay_isInClips() {
        for (String name : Scene.SHIPPED) {
            var scene = Scene.shipped(name);
            for (Scene.Step step : scene.steps()) {
                if (step.say() != null) {
                    String said = step.say().parts().stream()
                            .map(part -> switch (part) {
                                case Template.Part.Literal(String text) -> text;
                                case Template.Part.Result result ->
                                    result.filter().apply("2026-12-01T10:30");
                                case Template.Part.Heard _, Template.Part.Value _ -> "";
                            })
                            .collect(joining());
                    assertThat(VOICE.knows(said))
                            .as("%s: %s", step.name(), said)
                            .isTrue();
                }
            }
            assertThat(VOICE.knows(scene.otherwise())).isTrue();
        }
    }

    @Test
    void everyDayAndMinute_isInClips() {
        for (LocalDate day = LocalDate.of(2024, 1, 1); day.getYear() == 2024; day = day.plusDays(1)) {
            assertThat(VOICE.knows(SpokenDate.date(day))).as("%s", day).isTrue();
        }
        for (int minute = 0; minute < 24 * 60; minute++) {
            var time = LocalTime.MIDNIGHT.plusMinutes(minute);
            assertThat(VOICE.knows(SpokenDate.time(time))).as("%s", time).isTrue();
        }
    }

    @Test
    void writtenDatesAndTimes_areSaidAsSpokenOnes() {
        assertThat(SpokenWords.of("on 2026-12-01T10:05, room 42"))
                .containsExactly(
                        "on",
                        "tuesday",
                        "december",
                        "first",
                        "at",
                        "ten",
                        "oh",
                        "five",
                        "a",
                        "m",
                        "room",
                        "forty",
                        "two");
        assertThat(SpokenWords.of("December 24th, 3:00 PM; 4417"))
                .containsExactly(
                        "december", "twenty", "fourth", "three", "o'clock", "p", "m", "four", "four", "one", "seven");
    }

    @Test
    void knownSentence_isLongerThanItsClipByThePauseOnly() {
        assertThat(VOICE.say("One moment, please.").milliseconds()).isEqualTo(1_637 + 200);
    }

    @Test
    void unknownWord_isASoftToneForEachSyllable() {
        var speech = VOICE.say("abracadabra");
        assertThat(speech.milliseconds()).isEqualTo(5 * 170 + 60);
        int loudest = 0;
        for (byte code : speech.bytes(AudioFormat.PCMU)) {
            loudest = Math.max(loudest, Math.abs(Mulaw.decode(code)));
        }
        assertThat(loudest).isBetween(1_500, 2_600);
        assertThat(VOICE.knows("abracadabra")).isFalse();
    }

    @Test
    void words_joined_areTheTextAndComeInOrder() {
        Samples.forAll(
                200,
                random -> random.ints(1 + random.nextInt(12), 0, 6)
                        .mapToObj(i -> new String[] {"Thank", "you.", "Goodbye.", "<DOB_1>", "—", "10:30"}[i])
                        .collect(joining(" ")),
                text -> {
                    var words = VOICE.say(text).words();
                    String joined = words.stream().map(Speech.Word::text).collect(joining());
                    assertThat(joined)
                            .isEqualTo(text.replace("— ", "").replace(" —", "").replace("—", ""));
                    assertThat(words.stream().map(Speech.Word::atMilliseconds).toList())
                            .isSorted();
                });
    }

    @Test
    void pieces_decoded_areTheWholeSound() {
        var speech = VOICE.say("Thank you for calling. Goodbye.");
        for (AudioFormat format : AudioFormat.values()) {
            var whole = new java.io.ByteArrayOutputStream();
            speech.pieces(format)
                    .forEach(piece ->
                            whole.writeBytes(java.util.Base64.getDecoder().decode(piece)));
            assertThat(whole.toByteArray()).isEqualTo(speech.bytes(format));
        }
        assertThat(speech.bytes(AudioFormat.PCM)).hasSize(6 * speech.bytes(AudioFormat.PCMU).length);
    }

    @Test
    void upsampled_sine_keepsItsLevelAndHasNoImage() {
        byte[] tone = new byte[8_000];
        for (int i = 0; i < tone.length; i++) {
            tone[i] = Mulaw.encode((int) (8_000 * Math.sin(2 * Math.PI * 1_000 * i / 8_000.0)));
        }
        byte[] pcm = Upsampler.pcm24k(tone);
        assertThat(level(pcm, 1_000)).isBetween(7_700.0, 8_300.0);
        assertThat(level(pcm, 7_000)).isLessThan(80); // the image of 1 kHz: 40 dB below
        assertThat(level(pcm, 9_000)).isLessThan(80);
    }

    /// The amplitude of one frequency, by correlation, the edges left out.
    private static double level(byte[] pcm, double hertz) {
        double re = 0;
        double im = 0;
        int from = 2_400;
        int to = pcm.length / 2 - 2_400;
        for (int i = from; i < to; i++) {
            int sample = (pcm[2 * i] & 0xFF) | pcm[2 * i + 1] << 8;
            re += sample * Math.cos(2 * Math.PI * hertz * i / 24_000);
            im += sample * Math.sin(2 * Math.PI * hertz * i / 24_000);
        }
        return 2 * Math.hypot(re, im) / (to - from);
    }

    @Test
    void say_manyTexts_keepsFewAndStaysRight() {
        var first = VOICE.say("one");
        for (int i = 0; i < 600; i++) {
            VOICE.say("x" + i);
        }
        assertThat(VOICE.say("one")).isNotSameAs(first);
        assertThat(VOICE.say("one").bytes(AudioFormat.PCMU)).isEqualTo(first.bytes(AudioFormat.PCMU));
    }
}
