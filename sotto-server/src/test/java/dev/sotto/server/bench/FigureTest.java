package dev.sotto.server.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.sotto.core.UnavailableException;
import java.util.List;
import org.junit.jupiter.api.Test;

final class FigureTest {
    @Test
    void json_isOneLineOfTheStableForm() {
        assertThat(Figure.promised("calls.start-warm", 2.51234, "s", 6).json())
                .isEqualTo("{\"figure\":\"calls.start-warm\",\"value\":2.512,\"unit\":\"s\",\"peer\":null,"
                        + "\"peerValue\":null,\"ratio\":null,\"target\":6.0,\"met\":true}");
        assertThat(Figure.noted("calls.memory-heap", 0.1, "MB").json())
                .isEqualTo("{\"figure\":\"calls.memory-heap\",\"value\":0.1,\"unit\":\"MB\",\"peer\":null,"
                        + "\"peerValue\":null,\"ratio\":null,\"target\":null,\"met\":null}");
    }

    @Test
    void met_isAtMostTheTarget() {
        assertThat(Figure.promised("a", 6, "s", 6).met()).isTrue();
        assertThat(Figure.promised("a", 6.01, "s", 6).met()).isFalse();
        assertThat(Figure.noted("a", 1_000, "s").met()).isTrue();
    }

    @Test
    void json_ofAComparisonHasPeerAndRatio_andTheTargetIsOfTheRatio() {
        Figure half = Figure.compared("calls.bridge-vs-sample", 0.25, "s", "them", 0.5, 0.5);

        assertThat(half.json())
                .isEqualTo("{\"figure\":\"calls.bridge-vs-sample\",\"value\":0.25,\"unit\":\"s\",\"peer\":\"them\","
                        + "\"peerValue\":0.5,\"ratio\":0.5,\"target\":0.5,\"met\":true}");
        assertThat(Figure.compared("a", 0.26, "s", "them", 0.5, 0.5).met()).isFalse();
    }

    @Test
    void figure_thatCouldNotBeMeasured_hasNoValueAndMissesNothing() {
        Figure none = Figure.unmeasured("calls.bridge-vs-sample", "s");

        assertThat(none.json())
                .isEqualTo("{\"figure\":\"calls.bridge-vs-sample\",\"value\":null,\"unit\":\"s\",\"peer\":null,"
                        + "\"peerValue\":null,\"ratio\":null,\"target\":null,\"met\":null}");
        assertThat(none.met()).isTrue();
    }

    @Test
    void table_showsWhatIsMissed() {
        assertThat(Figure.table(List.of(
                                Figure.promised("calls.memory", 2.5, "MB", 2),
                                Figure.noted("calls.memory-heap", 0.25, "MB"),
                                Figure.compared("calls.bridge-vs-sample", 0.3, "s", "them", 0.5, 0.5),
                                Figure.unmeasured("calls.other", "s")))
                        .lines())
                .containsExactly(
                        "figure                                value  unit     target  met",
                        "calls.memory                           2.50  MB         <= 2  NO",
                        "calls.memory-heap                      0.25  MB               ",
                        "calls.bridge-vs-sample                0.300  s      <= 0.5 x  NO, 0.60 x",
                        "  beside 0.500 s of them",
                        "calls.other                    not measured  s                ");
    }

    @Test
    void median_ofOddAndEvenRuns() {
        assertThat(CallsBench.median(List.of(3.0, 1.0, 2.0))).isEqualTo(2.0);
        assertThat(CallsBench.median(List.of(4.0, 1.0, 2.0, 3.0))).isEqualTo(2.5);
    }

    @Test
    void metrics_readsOneGauge() {
        String text = "# TYPE sotto_media_legs gauge\nsotto_media_legs_total 7\nsotto_media_legs 50.0\n";

        assertThat(Metrics.read(text, "sotto_media_legs")).isEqualTo(50);
        assertThatExceptionOfType(UnavailableException.class)
                .isThrownBy(() -> Metrics.read(text, "sotto_media"))
                .withMessageContaining("sotto_media");
    }
}
