package dev.sotto.media;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sotto.testkit.Samples;
import java.time.Duration;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

class LatenessRecorderTest {
    @Test
    void snapshot_ofAnyValues_boundsTheTrueQuantilesToASixteenth() {
        Samples.forAll(
                100,
                random -> random.longs(1 + random.nextInt(500), 0, 1L << (10 + random.nextInt(24)))
                        .toArray(),
                values -> {
                    var recorder = new LatenessRecorder();
                    for (long value : values) {
                        recorder.record(value * 1_000);
                    }
                    Arrays.sort(values);
                    var seen = recorder.snapshot();
                    assertThat(seen.frames()).isEqualTo(values.length);
                    assertThat(micros(seen.max())).isEqualTo(values[values.length - 1]);
                    long p99 = values[(int) Math.ceil(values.length * 0.99) - 1];
                    assertThat(micros(seen.p99())).isBetween(p99, p99 + p99 / 16 + 1);
                    long p50 = values[(int) Math.ceil(values.length * 0.5) - 1];
                    assertThat(micros(seen.p50())).isBetween(p50, p50 + p50 / 16 + 1);
                });
    }

    @Test
    void reset_forgets() {
        var recorder = new LatenessRecorder();
        recorder.record(Long.MAX_VALUE);
        recorder.record(-5);
        recorder.shifted();
        assertThat(recorder.snapshot().frames()).isEqualTo(2);
        assertThat(recorder.snapshot().shifted()).isOne();

        recorder.reset();

        assertThat(recorder.snapshot()).isEqualTo(new Lateness(0, 0, Duration.ZERO, Duration.ZERO, Duration.ZERO));
    }

    private static long micros(Duration duration) {
        return duration.toNanos() / 1_000;
    }
}
