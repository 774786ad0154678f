package dev.sotto.agent;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sotto.media.AudioClip;
import dev.sotto.media.Mulaw;
import dev.sotto.testkit.Samples;
import java.io.ByteArrayOutputStream;
import java.time.Duration;
import java.util.Arrays;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;

class UtteranceEarTest {
    private static final int BYTES_PER_MILLISECOND = 8;
    private static final int FRAME_BYTES = 160;
    private static final Duration BEFORE = Duration.ofMillis(400);
    private static final Duration LONGEST = Duration.ofSeconds(60);

    private final UtteranceEar ear = new UtteranceEar();
    private final ByteArrayOutputStream fed = new ByteArrayOutputStream();

    /// Sound that is never the same twice in a row.
    private void feed(Duration length) {
        for (long at = 0; at < length.toMillis(); at += 20) {
            var frame = new byte[FRAME_BYTES];
            for (int i = 0; i < frame.length; i++) {
                frame[i] = (byte) (fed.size() / 7 + i * 31);
            }
            feed(frame);
        }
    }

    private void feed(byte[] frame) {
        ear.audio(frame);
        fed.writeBytes(frame);
    }

    private short[] lastFed(int bytes) {
        byte[] all = fed.toByteArray();
        return Mulaw.decode(Arrays.copyOfRange(all, all.length - bytes, all.length));
    }

    @Test
    void utterance_beginsALittleBeforeItWasNoticed() {
        feed(Duration.ofSeconds(1));
        ear.started(Duration.ofSeconds(1));
        feed(Duration.ofMillis(200));

        var said = ear.stopped().orElseThrow();

        assertThat(said.at()).isEqualTo(Duration.ofSeconds(1).minus(BEFORE));
        assertThat(said.length()).isEqualTo(BEFORE.plusMillis(200));
        assertThat(said.audio().samples()).isEqualTo(lastFed(600 * BYTES_PER_MILLISECOND));
    }

    @Test
    void utterance_atTheStartOfTheStream_doesNotBeginBeforeIt() {
        feed(Duration.ofMillis(100));
        ear.started(Duration.ofMillis(60));

        var said = ear.stopped().orElseThrow();

        assertThat(said.at()).isZero();
        assertThat(said.length()).isEqualTo(Duration.ofMillis(100));
    }

    @Test
    void stop_withoutABeginning_isNoUtterance() {
        feed(Duration.ofMillis(500));

        assertThat(ear.stopped()).isEmpty();
    }

    @Test
    void beginning_noticedTwice_isOneUtterance() {
        feed(Duration.ofMillis(400));
        ear.started(Duration.ofMillis(400));
        feed(Duration.ofMillis(300));
        ear.started(Duration.ofMillis(700));

        var said = ear.stopped().orElseThrow();

        assertThat(said.at()).isZero();
        assertThat(said.length()).isEqualTo(Duration.ofMillis(700));
        assertThat(ear.stopped()).isEmpty();
    }

    @Test
    void nextUtterance_holdsNothingOfTheOneBefore() {
        feed(Duration.ofMillis(500));
        ear.started(Duration.ofMillis(500));
        feed(Duration.ofMillis(500));
        assertThat(ear.stopped()).isPresent();
        feed(Duration.ofMillis(60));
        ear.started(Duration.ofMillis(1_060));
        feed(Duration.ofMillis(40));

        var said = ear.stopped().orElseThrow();

        assertThat(said.audio().samples()).isEqualTo(lastFed(100 * BYTES_PER_MILLISECOND));
        assertThat(said.at()).isEqualTo(Duration.ofSeconds(1));
    }

    @Test
    void forgotten_soundIsInNoUtterance() {
        feed(Duration.ofMillis(500));
        ear.started(Duration.ofMillis(500));
        ear.forget();
        assertThat(ear.stopped()).isEmpty();

        ear.started(Duration.ofMillis(500));

        assertThat(ear.stopped().orElseThrow().length()).isZero();
    }

    @Test
    void speech_withoutEnd_isHeldUpToAMinute() {
        ear.started(Duration.ZERO);
        feed(LONGEST);
        short[] minute = lastFed(fed.size());
        feed(Duration.ofSeconds(5));

        var said = ear.stopped().orElseThrow();

        assertThat(said.length()).isEqualTo(LONGEST);
        assertThat(said.audio().samples()).isEqualTo(minute);
    }

    /// @param piece the size of the pieces in which it arrives
    private record Sound(AudioClip before, AudioClip after, int piece) {
        static Sound of(RandomGenerator random) {
            return new Sound(noise(random), noise(random), random.nextInt(1, 700));
        }

        private static AudioClip noise(RandomGenerator random) {
            var noise = new byte[random.nextInt(8_000)];
            random.nextBytes(noise);
            return AudioClip.of(noise);
        }
    }

    @Test
    void utterance_ofAnySoundInAnyPieces_isTheEndOfWhatWasBeforeAndAllAfter() {
        Samples.forAll(100, Sound::of, sound -> {
            byte[] before = sound.before().toByteArray();
            byte[] after = sound.after().toByteArray();
            var fresh = new UtteranceEar();
            inPieces(fresh, before, sound.piece());
            fresh.started(Duration.ofSeconds(5));
            inPieces(fresh, after, sound.piece());

            int kept = Math.min(before.length, Math.toIntExact(BEFORE.toMillis()) * BYTES_PER_MILLISECOND);
            var expected = new ByteArrayOutputStream();
            expected.write(before, before.length - kept, kept);
            expected.writeBytes(after);
            assertThat(fresh.stopped().orElseThrow().audio().samples()).isEqualTo(Mulaw.decode(expected.toByteArray()));
        });
    }

    private static void inPieces(UtteranceEar ear, byte[] sound, int piece) {
        for (int at = 0; at < sound.length; at += piece) {
            ear.audio(Arrays.copyOfRange(sound, at, Math.min(sound.length, at + piece)));
        }
    }
}
