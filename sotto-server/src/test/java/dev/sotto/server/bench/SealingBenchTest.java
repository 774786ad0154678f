package dev.sotto.server.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.sotto.core.UnavailableException;
import java.io.PrintWriter;
import java.io.Writer;
import java.util.EnumSet;
import java.util.List;
import org.junit.jupiter.api.Test;

final class SealingBenchTest {
    @Test
    void read_aComparisonIsMetFromItsRatioOn() {
        Figure met = SealingBench.read("sealing.stream-vs-raw\t750.0\tMB/s\tthem, seal\t1000.0\t>=\t0.75")
                .orElseThrow();
        Figure missed = SealingBench.read("sealing.stream-vs-raw\t749.0\tMB/s\tthem, seal\t1000.0\t>=\t0.75")
                .orElseThrow();

        assertThat(met.met()).isTrue();
        assertThat(missed.met()).isFalse();
        assertThat(missed.json())
                .isEqualTo(
                        "{\"figure\":\"sealing.stream-vs-raw\",\"value\":749.0,\"unit\":\"MB/s\","
                                + "\"peer\":\"them, seal\",\"peerValue\":1000.0,\"ratio\":0.749,\"target\":0.75,\"met\":false}");
        assertThat(Figure.table(List.of(missed))).contains(">= 0.75 x").contains("NO, 0.75 x");
    }

    @Test
    void read_aTargetWithoutAPeer() {
        assertThat(SealingBench.read("sealing.cold-64mb\t499.0\tMB/s\t\t\t>=\t500")
                        .orElseThrow()
                        .met())
                .isFalse();
        assertThat(SealingBench.read("sealing.field-160b\t5.0\tus\t\t\t<=\t5")
                        .orElseThrow()
                        .met())
                .isTrue();
        assertThat(SealingBench.read("sealing.openssl-speed\t3000\tMB/s\t\t\t\t")
                        .orElseThrow()
                        .met())
                .isTrue();
    }

    @Test
    void read_whatIsNoFigureIsPassedOver() {
        assertThat(SealingBench.read("WARNING: something\tof a library")).isEmpty();
    }

    @Test
    void run_withoutTheBenchmarksSaysSo() {
        var bench = new SealingBench(1, EnumSet.allOf(SealingBench.Part.class), new PrintWriter(Writer.nullWriter()));

        assertThatExceptionOfType(UnavailableException.class)
                .isThrownBy(bench::run)
                .withMessageContaining("hint:");
    }
}
