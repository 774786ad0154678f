package dev.sotto.server.bench;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sotto.server.web.MicrometerMeter;
import java.time.Duration;
import org.junit.jupiter.api.Test;

final class HistogramTest {
    private static final String BEFORE = """
            # TYPE sotto_guard_turn_seconds histogram
            sotto_guard_turn_seconds_bucket{le="0.001"} 2
            sotto_guard_turn_seconds_bucket{le="0.01"} 5
            sotto_guard_turn_seconds_bucket{le="+Inf"} 5
            sotto_guard_turn_seconds_count 5
            sotto_guard_turn_seconds_sum 0.02
            """;
    private static final String AFTER = """
            sotto_guard_turn_seconds_bucket{le="0.001"} 100
            sotto_guard_turn_seconds_bucket{le="0.01"} 104
            sotto_guard_turn_seconds_bucket{le="+Inf"} 105
            sotto_guard_turn_seconds_sum 1.02
            sotto_guard_turner_seconds_bucket{le="+Inf"} 9999
            """;

    @Test
    void difference_isWhatHappenedBetweenTwoReadings() {
        var between = Histogram.read(AFTER, "sotto_guard_turn").since(Histogram.read(BEFORE, "sotto_guard_turn"));

        assertThat(between.count()).isEqualTo(100);
        assertThat(between.meanMillis()).isEqualTo(10);
        assertThat(between.quantileMillis(0.98)).hasValue(1);
        assertThat(between.quantileMillis(0.99)).hasValue(10);
        assertThat(between.quantileMillis(1)).hasValue(Double.POSITIVE_INFINITY);
        assertThat(between.and(between).count()).isEqualTo(200);
    }

    @Test
    void nothingCounted_hasNoQuantile() {
        var same = Histogram.read(AFTER, "sotto_guard_turn").since(Histogram.read(AFTER, "sotto_guard_turn"));

        assertThat(same.quantileMillis(0.5)).isEmpty();
        assertThat(Histogram.read(AFTER, "sotto_missing").quantileMillis(0.5)).isEmpty();
    }

    /// The node's own timers keep every duration, each to a fifth, however long ago it was.
    @Test
    void nodesTimers_giveAQuantileAtMostAFifthTooLarge() {
        try (var meter = new MicrometerMeter()) {
            for (int i = 1; i <= 1_000; i++) {
                meter.time("guard.turn", Duration.ofNanos(i * 10_000L));
            }
            var read = Histogram.read(meter.scrape(), "sotto_guard_turn");

            assertThat(read.count()).isEqualTo(1_000);
            assertThat(read.quantileMillis(0.99).orElseThrow()).isBetween(9.9, 9.9 * 1.2);
            assertThat(read.quantileMillis(0.5).orElseThrow()).isBetween(5.0, 5.0 * 1.2);
        }
    }
}
