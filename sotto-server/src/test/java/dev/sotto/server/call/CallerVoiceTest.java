package dev.sotto.server.call;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sotto.media.AudioClip;
import dev.sotto.media.Mulaw;
import dev.sotto.testkit.Samples;
import java.io.ByteArrayOutputStream;
import java.time.Duration;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

class CallerVoiceTest {
    private static final int FRAME_BYTES = VirtualSpeaker.FRAME_BYTES;
    private static final long FRAME_NANOS = Duration.ofMillis(20).toNanos();
    private static final long START = 1_000_000;
    private static final byte FIRST = Mulaw.encode((short) 9_000);
    private static final byte SECOND = Mulaw.encode((short) -7_000);

    private final AgentEar ear = new AgentEar(START);
    private final byte[] frame = new byte[FRAME_BYTES];
    private long now = START;

    private static byte[] frames(int count, byte code) {
        var frames = new byte[count * FRAME_BYTES];
        Arrays.fill(frames, code);
        return frames;
    }

    private static AudioClip clip(byte[]... stretches) {
        var clip = new ByteArrayOutputStream();
        for (byte[] stretch : stretches) {
            clip.writeBytes(stretch);
        }
        return AudioClip.of(clip.toByteArray());
    }

    /// Two stretches of 5 and 3 frames, a second and a half apart.
    private CallerVoice twoTurns() {
        return new CallerVoice(
                clip(frames(10, Mulaw.SILENCE), frames(5, FIRST), frames(75, Mulaw.SILENCE), frames(3, SECOND)),
                true,
                ear,
                START);
    }

    private byte next(CallerVoice voice, boolean playing) {
        voice.next(now, playing, frame);
        now += FRAME_NANOS;
        for (byte code : frame) {
            assertThat(code).isEqualTo(frame[0]);
        }
        return frame[0];
    }

    /// Lets the agent speak for a second; the caller is silent meanwhile.
    private void agentSpeaks(CallerVoice voice) {
        for (int i = 0; i < 50; i++) {
            ear.heard(now, FRAME_NANOS, frames(1, FIRST), FRAME_BYTES);
            assertThat(next(voice, true)).isEqualTo(Mulaw.SILENCE);
        }
    }

    /// How long it takes until the caller says something.
    private Duration silence(CallerVoice voice, byte awaited) {
        long from = now;
        for (int i = 0; i < 1_000; i++) {
            byte said = next(voice, false);
            if (said != Mulaw.SILENCE) {
                assertThat(said).isEqualTo(awaited);
                return Duration.ofNanos(now - FRAME_NANOS - from);
            }
        }
        throw new AssertionError("nothing is said");
    }

    @Test
    void voice_notByTurns_isSaidFromTheFirstMomentWithItsPauses() {
        var voice = new CallerVoice(
                clip(frames(2, FIRST), frames(60, Mulaw.SILENCE), frames(1, SECOND)), false, ear, START);

        assertThat(next(voice, true)).isEqualTo(FIRST);
        assertThat(next(voice, true)).isEqualTo(FIRST);
        for (int i = 0; i < 60; i++) {
            assertThat(next(voice, true)).isEqualTo(Mulaw.SILENCE);
        }
        assertThat(next(voice, true)).isEqualTo(SECOND);
        assertThat(next(voice, true)).isEqualTo(Mulaw.SILENCE);
        assertThat(voice.end()).isEqualTo(START + 63 * FRAME_NANOS);
    }

    @Test
    void turns_areSaidOneAtATimeWhenTheAgentHasSpokenAndPauses() {
        var voice = twoTurns();
        assertThat(voice.end()).isEqualTo(Long.MAX_VALUE);

        agentSpeaks(voice);
        assertThat(silence(voice, FIRST)).isBetween(Duration.ofMillis(1_280), Duration.ofMillis(1_320));
        for (int i = 1; i < 5; i++) {
            assertThat(next(voice, false)).isEqualTo(FIRST);
        }
        agentSpeaks(voice);
        assertThat(silence(voice, SECOND)).isBetween(Duration.ofMillis(1_280), Duration.ofMillis(1_320));
        next(voice, false);
        next(voice, false);

        assertThat(voice.end()).isEqualTo(now);
        for (int i = 0; i < 100; i++) {
            assertThat(next(voice, false)).isEqualTo(Mulaw.SILENCE);
        }
    }

    @Test
    void agent_whoIsStillPlayed_isNotInterrupted() {
        var voice = twoTurns();
        agentSpeaks(voice);
        for (int i = 0; i < 500; i++) {
            assertThat(next(voice, true)).isEqualTo(Mulaw.SILENCE);
        }

        assertThat(next(voice, false)).isEqualTo(FIRST);
    }

    @Test
    void agent_whoSaysNothing_isSpokenToInTheEnd() {
        assertThat(silence(twoTurns(), FIRST)).isEqualTo(Duration.ofSeconds(15));
    }

    @Test
    void turns_areTheStretchesOfSoundBetweenLongSilences() {
        Samples.forAll(50, random -> random.ints(random.nextInt(1, 6), 1, 40).toArray(), lengths -> {
            var clip = new ByteArrayOutputStream();
            for (int length : lengths) {
                clip.writeBytes(frames(length, FIRST));
                clip.writeBytes(frames(10, Mulaw.SILENCE)); // a breath
                clip.writeBytes(frames(1, SECOND));
                clip.writeBytes(frames(50, Mulaw.SILENCE));
            }

            var turns = CallerVoice.turns(AudioClip.of(clip.toByteArray()));

            assertThat(turns).hasSize(lengths.length);
            for (int i = 0; i < lengths.length; i++) {
                assertThat(turns.get(i).toByteArray())
                        .isEqualTo(clip(frames(lengths[i], FIRST), frames(10, Mulaw.SILENCE), frames(1, SECOND))
                                .toByteArray());
            }
        });
    }

    @Test
    void turns_ofSilence_areNone() {
        assertThat(CallerVoice.turns(AudioClip.empty())).isEmpty();
        assertThat(CallerVoice.turns(clip(frames(200, Mulaw.SILENCE)))).isEmpty();
    }
}
