package dev.sotto.simulator;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class HearingsTest {
    private final Scene scene = Scene.shipped("healthcare-appointment");
    private final Hearings hearings = new Hearings();

    @Test
    void calls_areBounded_theQuietestIsForgotten() {
        String first = hearings.next(scene, "first").text();
        String second = hearings.next(scene, "first").text();
        assertThat(second).isNotEqualTo(first);
        for (int i = 0; i < Hearings.MOST_CALLS; i++) {
            hearings.next(scene, "call-" + i);
        }
        assertThat(hearings.size()).isEqualTo(Hearings.MOST_CALLS);
        assertThat(hearings.next(scene, "first").text()).isEqualTo(first);
    }

    @Test
    void follow_goesOnFromWhereTheModelIs() {
        hearings.follow(scene, "call", scene.place("reads-out"));
        assertThat(hearings.next(scene, "call").text()).contains("Goodbye");
        assertThat(hearings.next(scene, "other").text()).contains("appointment");
    }
}
