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
    void table_showsWhatIsMissed() {
        assertThat(Figure.table(List.of(
                                Figure.promised("calls.memory", 2.5, "MB", 2),
                                Figure.noted("calls.memory-heap", 0.25, "MB")))
                        .lines())
                .containsExactly(
                        "figure                          value  unit     target  met",
                        "calls.memory                     2.50  MB         <= 2  NO",
                        "calls.memory-heap                0.25  MB               ");
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
