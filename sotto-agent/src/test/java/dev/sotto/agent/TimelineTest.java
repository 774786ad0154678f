package dev.sotto.agent;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sotto.media.AudioClip;
import dev.sotto.testkit.Samples;
import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;

class TimelineTest {
    private static final int WINDOW = 400;
    private static final int LONGEST = 60_000;

    private record Piece(int channel, long atMillis, AudioClip audio) {
        Piece(int channel, long atMillis, byte[] mulaw) {
            this(channel, atMillis, AudioClip.of(mulaw));
        }

        byte[] mulaw() {
            return audio.toByteArray();
        }
    }

    private static byte[] run(List<Piece> pieces, List<Timeline.Placed> placed) {
        var out = new ByteArrayOutputStream();
        var timeline = new Timeline(2, WINDOW, LONGEST, block -> {
            var copy = new byte[block.remaining()];
            block.get(copy);
            out.writeBytes(copy);
        });
        for (var piece : pieces) {
            placed.add(timeline.place(piece.channel(), piece.atMillis(), piece.mulaw(), 0, piece.mulaw().length));
        }
        timeline.finish();
        assertThat(timeline.given() * 2).isEqualTo(out.size());
        return out.toByteArray();
    }

    /// The same in memory without a bound: what is more than a window behind the newest is lost, the first stands.
    private static byte[] reference(List<Piece> pieces) {
        long end = 0;
        for (var piece : pieces) {
            end = Math.max(end, piece.atMillis() * 8 + piece.mulaw().length);
        }
        var out = new byte[(int) end * 2];
        var filled = new boolean[out.length];
        Arrays.fill(out, (byte) 0xFF);
        long newest = 0;
        for (var piece : pieces) {
            newest = Math.max(newest, piece.atMillis() * 8 + piece.mulaw().length);
            for (int i = 0; i < piece.mulaw().length; i++) {
                long at = piece.atMillis() * 8 + i;
                int slot = (int) at * 2 + piece.channel();
                if (at >= newest - WINDOW * 8 && !filled[slot]) {
                    filled[slot] = true;
                    out[slot] = piece.mulaw()[i];
                }
            }
        }
        return out;
    }

    private static List<Piece> disorder(RandomGenerator random) {
        var pieces = new ArrayList<Piece>();
        long at = random.nextInt(3_000);
        for (int i = random.nextInt(1, 200); i > 0; i--) {
            int kind = random.nextInt(20);
            at += kind == 0 ? random.nextInt(5_000) : 20;
            long shifted = Math.max(0, at - (random.nextInt(4) == 0 ? random.nextInt(600) : 0));
            if (shifted > LONGEST - 1_000) {
                break;
            }
            var mulaw = new byte[random.nextInt(5) == 0 ? random.nextInt(1, 800) : 160];
            random.nextBytes(mulaw);
            var piece = new Piece(random.nextInt(2), shifted, mulaw);
            pieces.add(piece);
            if (random.nextInt(10) == 0) {
                pieces.add(piece);
            }
        }
        return pieces;
    }

    @Test
    void anyArrivals_giveWhatTheReferenceGives() {
        Samples.forAll(
                300,
                TimelineTest::disorder,
                pieces -> assertThat(run(pieces, new ArrayList<>())).isEqualTo(reference(pieces)));
    }

    @Test
    void duplicate_isToldAndTheFirstStands() {
        var placed = new ArrayList<Timeline.Placed>();
        var out = run(List.of(new Piece(0, 0, new byte[] {1, 2}), new Piece(0, 0, new byte[] {3, 4})), placed);

        assertThat(out).containsExactly(1, 0xFF, 2, 0xFF);
        assertThat(placed).containsExactly(Timeline.Placed.KEPT, Timeline.Placed.DUPLICATE);
    }

    @Test
    void late_isTold() {
        var placed = new ArrayList<Timeline.Placed>();
        run(List.of(new Piece(0, 1_000, new byte[160]), new Piece(1, 500, new byte[160])), placed);

        assertThat(placed).containsExactly(Timeline.Placed.KEPT, Timeline.Placed.LATE);
    }

    @Test
    void beyondTheLongestCall_isRefused() {
        var placed = new ArrayList<Timeline.Placed>();
        var out = run(
                List.of(
                        new Piece(0, LONGEST, new byte[1]),
                        new Piece(0, Long.MAX_VALUE / 2, new byte[1]),
                        new Piece(0, LONGEST - 1, new byte[9])),
                placed);

        assertThat(out).isEmpty();
        assertThat(placed).containsOnly(Timeline.Placed.TOO_FAR);
    }
}
