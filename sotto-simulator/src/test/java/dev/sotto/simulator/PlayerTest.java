package dev.sotto.simulator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class PlayerTest {
    private final ManualTimers timers = new ManualTimers();
    private final List<Integer> done = new ArrayList<>();
    private boolean ready = true;

    private Player player(Pace pace, int cues) {
        return new Player(
                timers,
                pace,
                IntStream.range(0, cues)
                        .mapToObj(i -> new Player.Cue(100L * i, () -> done.add(i)))
                        .iterator(),
                () -> ready);
    }

    @Test
    void pace_isKept() {
        player(new Pace(4), 10).start(Duration.ofSeconds(1));
        timers.advance(Duration.ofMillis(999));
        assertThat(done).isEmpty();
        timers.advance(Duration.ofMillis(1));
        assertThat(done).containsExactly(0);
        timers.advance(Duration.ofMillis(75));
        assertThat(done).containsExactly(0, 1, 2, 3);
    }

    @Test
    void immediate_allAtOnce_butInTurns() {
        var player = player(Pace.IMMEDIATE, 200);
        player.start(Duration.ZERO);
        assertThat(done).hasSize(64);
        assertThat(player.running()).isTrue();
        timers.advance(Duration.ZERO);
        assertThat(done).hasSize(200).isSorted();
        assertThat(player.running()).isFalse();
    }

    @Test
    void peerDoesNotRead_waits() {
        ready = false;
        player(Pace.IMMEDIATE, 3).start(Duration.ZERO);
        timers.advance(Duration.ofSeconds(1));
        assertThat(done).isEmpty();
        ready = true;
        timers.advance(Duration.ofMillis(5));
        assertThat(done).containsExactly(0, 1, 2);
    }

    @Test
    void cancel_stops_alsoFromWithin() {
        var players = new ArrayList<Player>();
        var player = new Player(
                timers,
                Pace.IMMEDIATE,
                IntStream.range(0, 5)
                        .mapToObj(i -> new Player.Cue(0, () -> {
                            done.add(i);
                            if (i == 2) {
                                players.getFirst().cancel();
                            }
                        }))
                        .iterator(),
                () -> true);
        players.add(player);
        player.start(Duration.ZERO);
        timers.advance(Duration.ofSeconds(1));
        assertThat(done).containsExactly(0, 1, 2);
        assertThat(timers.idle()).isTrue();
    }

    @Test
    void pace_outOfRange_isRefused() {
        for (double times : new double[] {-1, Double.NaN, 1_001, Double.POSITIVE_INFINITY}) {
            assertThatIllegalArgumentException().isThrownBy(() -> new Pace(times));
        }
    }
}
