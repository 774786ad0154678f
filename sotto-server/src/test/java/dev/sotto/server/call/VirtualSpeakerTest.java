package dev.sotto.server.call;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sotto.media.AudioClip;
import dev.sotto.testkit.Samples;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

final class VirtualSpeakerTest {
    private static final int ROOM = 80_000;

    private final List<String> events = new ArrayList<>();
    private final VirtualSpeaker speaker = new VirtualSpeaker(ROOM, 50, new VirtualSpeaker.Listener() {
        @Override
        public void played(long startNanos, long lengthNanos, byte[] mulaw, int length) {
            events.add("%d+%d".formatted(startNanos / 1_000_000, length));
        }

        @Override
        public void mark(String name) {
            events.add(name);
        }
    });

    private static long ms(long millis) {
        return millis * 1_000_000;
    }

    private static AudioClip audio(long millis) {
        return AudioClip.silence(Duration.ofMillis(millis));
    }

    @Test
    void mark_behindAudio_comesBackWhenItWasPlayed() {
        speaker.play(ms(100), audio(60));
        speaker.mark(ms(100), "a");

        speaker.advance(ms(159));
        assertThat(events).containsExactly("100+160", "120+160");

        speaker.advance(ms(160));
        assertThat(events).containsExactly("100+160", "120+160", "140+160", "a");
    }

    @Test
    void mark_withNothingBeforeIt_comesBackAtOnce() {
        speaker.mark(ms(5), "a");

        assertThat(events).containsExactly("a");
    }

    @Test
    void play_inPieces_isPlayedWithoutGap() {
        speaker.play(ms(0), audio(20));
        speaker.play(ms(0), audio(5));
        speaker.play(ms(1), audio(20));
        speaker.mark(ms(1), "a");

        speaker.advance(ms(44));
        assertThat(events).containsExactly("0+160", "20+40");
        speaker.advance(ms(45));
        assertThat(events).containsExactly("0+160", "20+40", "25+160", "a");
        assertThat(speaker.playedNanos()).isEqualTo(ms(45));
        assertThat(speaker.gaps()).isZero();
    }

    @Test
    void clear_dropsAudioAndGivesBackItsMarksInOrder() {
        speaker.play(ms(0), audio(40));
        speaker.mark(ms(0), "heard");
        speaker.play(ms(0), audio(1_000));
        speaker.mark(ms(0), "cut");
        speaker.play(ms(0), audio(1_000));
        speaker.mark(ms(0), "never");

        speaker.clear(ms(65));

        assertThat(events).containsExactly("0+160", "20+160", "heard", "40+160", "cut", "never");
        assertThat(speaker.clearedNanos()).isEqualTo(ms(1_980));
        assertThat(speaker.playing()).isFalse();
        assertThat(speaker.clears()).isEqualTo(1);
    }

    @Test
    void play_afterAClear_beginsAtOnce() {
        speaker.play(ms(0), audio(1_000));
        speaker.clear(ms(30));
        events.clear();

        speaker.play(ms(31), audio(20));
        speaker.advance(ms(60));

        assertThat(events).containsExactly("31+160");
    }

    @Test
    void play_tooLateToFollow_isAGap() {
        speaker.play(ms(0), audio(20));
        speaker.play(ms(50), audio(20));
        assertThat(speaker.gaps()).isEqualTo(1);

        speaker.play(ms(1_000), audio(20));
        assertThat(speaker.gaps()).as("a new prompt is no gap").isEqualTo(1);
    }

    @Test
    void play_tooMuch_isNotTaken() {
        assertThat(speaker.play(ms(0), audio(10_000))).isTrue();
        assertThat(speaker.play(ms(0), audio(20))).isFalse();
        assertThat(speaker.play(ms(20), audio(20))).isTrue();
        for (int i = 0; i < 48; i++) {
            assertThat(speaker.mark(ms(20), "m" + i)).isTrue();
        }
        assertThat(speaker.mark(ms(20), "one too many")).isFalse();
    }

    @Test
    void audio_inAnyPieces_isPlayedOrClearedWhole() {
        Samples.forAll(200, random -> random.ints(30, 1, 500).toArray(), sizes -> {
            var any = new VirtualSpeaker(1_000_000, 100, new VirtualSpeaker.Listener() {
                @Override
                public void played(long startNanos, long lengthNanos, byte[] mulaw, int length) {}

                @Override
                public void mark(String name) {}
            });
            long now = 0;
            long bytes = 0;
            for (int size : sizes) {
                any.play(now, AudioClip.of(new byte[size]));
                bytes += size;
                now += ms(size % 40);
            }
            any.clear(now);
            assertThat(any.playedNanos() + any.clearedNanos()).isEqualTo(bytes * 125_000);
            assertThat(any.playedNanos()).isLessThanOrEqualTo(now);
        });
    }
}
