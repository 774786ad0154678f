package dev.sotto.media;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.sotto.core.LimitedException;
import dev.sotto.testkit.Samples;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/// Pacing against a clock that only the test moves.
class OutboundAudioTest {
    private static final long MILLI = 1_000_000L;
    private static final long START = Long.MAX_VALUE - 500 * MILLI; // the monotonic clock may wrap

    private final Wire wire = new Wire();
    private long now = START;
    private final OutboundAudio audio =
            new OutboundAudio(START, Duration.ofMillis(160), Duration.ofSeconds(10), () -> now, wire);

    /// Remembers what was sent and heard, with the moment in milliseconds.
    private final class Wire implements OutboundAudio.Sink {
        final List<String> sent = new ArrayList<>();
        final List<Long> sentAt = new ArrayList<>();
        final List<Long> lateness = new ArrayList<>();
        final List<Long> heard = new ArrayList<>();
        final List<Long> heardAt = new ArrayList<>();
        boolean writable = true;
        int shifted;
        int flushes;
        long stalled;

        @Override
        public boolean writable() {
            return writable;
        }

        @Override
        public void media(byte[] frame, long dueNanos) {
            assertThat(frame).hasSize(160);
            sent.add("frame " + frame[0] + (frame[159] == Mulaw.SILENCE ? " padded" : ""));
            sentAt.add(millis());
            lateness.add((now - dueNanos) / MILLI);
        }

        @Override
        public void mark(String name) {
            sent.add("mark " + name);
        }

        @Override
        public void sendClear() {
            sent.add("clear");
        }

        @Override
        public void flush() {
            flushes++;
        }

        @Override
        public void begun(Runnable told) {
            told.run();
        }

        @Override
        public void heard(long positionMillis, byte[] frame) {
            heard.add(positionMillis);
            heardAt.add(millis());
        }

        @Override
        public void shifted() {
            shifted++;
        }

        @Override
        public void stalled(long nanos) {
            stalled = nanos;
        }
    }

    private long millis() {
        return (now - START) / MILLI;
    }

    /// Moves on by `millis`, ticking whenever the queue asks to be, to the nanosecond.
    private void run(long millis) {
        long end = now + millis * MILLI;
        long wait = audio.tick(now);
        while (now + wait - end <= 0) {
            assertThat(wait).isPositive();
            now += wait;
            wait = audio.tick(now);
        }
        now = end;
        audio.tick(now);
    }

    private static AudioClip clip(int value, int bytes) {
        var samples = new byte[bytes];
        java.util.Arrays.fill(samples, (byte) value);
        return AudioClip.of(samples);
    }

    @Test
    void play_onAnIdleLeg_sendsTheLeadAtOnceAndThenThreeFramesAtATime() {
        run(7);
        audio.play(clip(1, 160 * 20), "end");
        run(0);
        assertThat(wire.sentAt).hasSize(10).allMatch(at -> at == 7); // slots 20 ms to 200 ms: up to 200 ms ahead
        assertThat(wire.flushes).isOne();
        run(1_000);

        assertThat(wire.sent).hasSize(21).endsWith("frame 1", "mark end");
        for (int i = 10; i < 20; i++) {
            long begins = (i + 1) * 20L;
            assertThat(wire.sentAt.get(i)).isBetween(begins - 200, begins - 160);
        }
        assertThat(wire.flushes).isLessThanOrEqualTo(1 + 4 + 1); // the mark may go alone
        assertThat(wire.lateness).allMatch(late -> late == 0);
        assertThat(wire.heard).hasSize(20).startsWith(20L, 40L).endsWith(400L);
        for (int i = 0; i < 20; i++) {
            assertThat(wire.heardAt.get(i)).isBetween(wire.heard.get(i) + 20, wire.heard.get(i) + 60);
        }
    }

    @Test
    void play_thatEndsInsideAFrame_isFilledWithSilenceBeforeItsMark() {
        audio.play(clip(1, 170), "a");
        audio.play(AudioClip.empty(), "b");
        audio.play(clip(2, 160), "");
        run(100);

        assertThat(wire.sent).containsExactly("frame 1", "frame 1 padded", "mark a", "mark b", "frame 2");
        assertThat(wire.heard).containsExactly(20L, 40L, 60L);
    }

    @Test
    void clear_whilePlaying_cutsWhatWasNotHeardAndReturnsItsMarksFirst() {
        audio.play(clip(1, 160 * 50), "one");
        audio.play(clip(2, 160 * 50), "two");
        run(210);
        long heardBefore = wire.heard.size();
        audio.clear();
        audio.play(clip(3, 160), "three");
        run(500);

        assertThat(wire.sent).endsWith("mark one", "mark two", "clear", "frame 3", "mark three");
        assertThat(wire.heard).hasSize((int) heardBefore + 1); // nothing of the lead, and the new frame
        assertThat(wire.heard.getLast()).isEqualTo(220);
        assertThat(wire.sent).doesNotContain("frame 2");
        assertThat(audio.queuedBytes()).isZero();
    }

    @Test
    void play_tellsOfTheFirstFrameOfEachClipOnceAndAfterTheFlush() {
        List<String> told = new ArrayList<>();
        audio.play(clip(1, 160 * 2), "", () -> told.add("one after " + wire.flushes));
        audio.play(clip(2, 160 * 20), "", () -> told.add("two after " + wire.flushes));
        audio.play(clip(3, 160), "", () -> told.add("three after " + wire.flushes));
        run(0);
        assertThat(told).containsExactly("one after 1", "two after 1"); // one tick sends the whole lead

        audio.clear();
        run(1_000);
        assertThat(told).hasSize(2); // the third was never begun
    }

    @Test
    void play_againWhileTheLeadIsHeard_leavesNoGap() {
        audio.play(clip(1, 160 * 3), "");
        run(30);
        audio.play(clip(2, 160 * 3), "");
        run(300);

        assertThat(wire.heard).containsExactly(20L, 40L, 60L, 80L, 100L, 120L);
        assertThat(wire.shifted).isZero();
    }

    @Test
    void tick_thatComesLate_movesToTheNextSlotAndCountsIt() {
        audio.play(clip(1, 160 * 100), "");
        run(40);
        now += 300 * MILLI; // the clock stood still
        run(0);

        assertThat(wire.shifted).isOne();
        assertThat(wire.sentAt.getLast()).isEqualTo(340);
        assertThat(wire.lateness.stream().mapToLong(x -> x).max().getAsLong()).isEqualTo(280); // due at 60 - ...
        run(2_500);
        assertThat(wire.heard).hasSize(100).isSorted().doesNotHaveDuplicates();
        assertThat(wire.shifted).isOne();
    }

    @Test
    void tick_whileTheSocketIsFull_keepsAudioInTheBoundedQueue() {
        wire.writable = false;
        audio.play(clip(1, 80_000), "");
        run(3_000);

        assertThat(wire.sent).isEmpty();
        assertThat(wire.stalled).isGreaterThan(2_900 * MILLI);
        assertThat(audio.queuedBytes()).isEqualTo(80_000);
        assertThatExceptionOfType(LimitedException.class)
                .isThrownBy(() -> audio.play(clip(1, 1), ""))
                .withMessage("outbound queue is full")
                .extracting(LimitedException::code)
                .isEqualTo(MediaError.QUEUE_FULL);

        wire.writable = true;
        run(20);
        assertThat(wire.sent).hasSizeBetween(8, 10);
        assertThat(wire.lateness.getFirst()).isGreaterThan(2_900);
    }

    @Test
    void play_ofMarksWithoutEnd_isLimited() {
        wire.writable = false;
        assertThatExceptionOfType(LimitedException.class).isThrownBy(() -> {
            for (int i = 0; i < 100_000; i++) {
                audio.play(AudioClip.empty(), "m");
                audio.clear();
            }
        });
    }

    @Test
    void play_withAMarkThatIsNotPlain_isAProgrammingError() {
        for (String mark : List.of("m".repeat(129), "ü", "a\nb")) {
            assertThatExceptionOfType(IllegalArgumentException.class).isThrownBy(() -> audio.play(clip(1, 160), mark));
        }
    }

    @Test
    void anySequence_neverRunsFurtherAheadThanTheLeadAndNeverPlaysTwoFramesInASlot() {
        Samples.forAll(200, random -> random, random -> {
            var sink = new Wire();
            now = START;
            var each = new OutboundAudio(START, Duration.ofMillis(200), Duration.ofSeconds(10), () -> now, sink);
            for (int step = 0; step < 400; step++) {
                switch (random.nextInt(8)) {
                    case 0, 1 -> {
                        if (each.queuedBytes() < 70_000) {
                            each.play(clip(1, random.nextInt(5_000)), "");
                        }
                    }
                    case 2 -> each.clear();
                    case 3 -> sink.writable = random.nextInt(4) != 0;
                    default -> now += random.nextLong(30 * MILLI);
                }
                each.tick(now);
            }
            assertThat(sink.heard).isSorted().doesNotHaveDuplicates();
            for (int i = 0; i < sink.heard.size(); i++) {
                assertThat(sink.heardAt.get(i)).isGreaterThanOrEqualTo(sink.heard.get(i) + 20);
            }
            assertThat(sink.lateness).allMatch(late -> late >= -5); // what is due so soon may go now
        });
    }
}
