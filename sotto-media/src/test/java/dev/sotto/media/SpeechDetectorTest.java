package dev.sotto.media;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sotto.media.SpeechDetector.Change;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class SpeechDetectorTest {
    private final SpeechDetector detector = new SpeechDetector();
    private final SplittableRandom random = new SplittableRandom(7);
    private final List<String> changes = new ArrayList<>();
    private long millis;

    /// Gaussian noise of this loudness, in frames of 20 ms.
    private void hear(double rms, int durationMillis) {
        for (int at = 0; at < durationMillis; at += 20) {
            var frame = new byte[160];
            for (int i = 0; i < frame.length; i++) {
                frame[i] = Mulaw.encode((short) Math.clamp(random.nextGaussian() * rms, -32_000, 32_000));
            }
            var change = detector.accept(frame);
            millis += 20;
            if (change != Change.NONE) {
                changes.add(change + " " + millis);
            }
        }
    }

    @Test
    void speech_betweenSilence_startsAfter60AndStopsAfter500Millis() {
        hear(0, 1_000);
        hear(3_000, 1_000);
        hear(0, 1_000);

        assertThat(changes).containsExactly("STARTED 1060", "STOPPED 2500");
    }

    @Test
    void pauses_withinSpeech_doNotStopIt() {
        for (int i = 0; i < 10; i++) {
            hear(3_000, 300);
            hear(0, 400);
        }
        assertThat(changes).containsExactly("STARTED 60");
        assertThat(detector.speaking()).isTrue();
    }

    @Test
    void clicks_areNotSpeech() {
        for (int i = 0; i < 20; i++) {
            hear(8_000, 40);
            hear(0, 100);
        }
        assertThat(changes).isEmpty();
    }

    @Test
    void noise_thatStays_isLearnedAndSpeechAboveItIsHeard() {
        hear(150, 3_000);
        assertThat(changes).isEmpty();
        hear(2_000, 1_000);
        hear(150, 1_000);

        assertThat(changes).containsExactly("STARTED 3060", "STOPPED 4500");
    }

    @Test
    void accept_ofOneLargeFrame_givesTheLaterChange() {
        var frame = new byte[8_000];
        java.util.Arrays.fill(frame, Mulaw.encode((short) 9_000));
        assertThat(detector.accept(frame)).isEqualTo(Change.STARTED);
        assertThat(detector.accept(new byte[0])).isEqualTo(Change.NONE);
        assertThat(detector.accept(
                        AudioClip.silence(java.time.Duration.ofSeconds(1)).toByteArray()))
                .isEqualTo(Change.STOPPED);
    }
}
