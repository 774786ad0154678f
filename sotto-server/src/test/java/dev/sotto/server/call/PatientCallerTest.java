package dev.sotto.server.call;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sotto.media.AudioClip;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;

class PatientCallerTest {
    private final Playout playout = new Playout();
    private final AtomicBoolean answered = new AtomicBoolean();
    private final List<String> acts = new ArrayList<>();
    private long millis;

    /// Lets the caller live for so long, with the agent speaking or not.
    private void live(PatientCaller caller, int forMillis, boolean agentSpeaks) {
        for (int i = 0; i < forMillis / Frame.MILLIS; i++) {
            Duration now = Duration.ofMillis(millis);
            if (agentSpeaks) {
                playout.media(Frame.BYTES, now);
            }
            Caller.Move move = caller.next(playout.hearing(now));
            move.key().ifPresent(key -> {
                acts.add(key + "@" + millis);
                playout.keyed();
            });
            if (move.hangsUp()) {
                acts.add("hang up@" + millis);
            }
            millis += Frame.MILLIS;
        }
    }

    @Test
    void groups_areSplitBehindEachPound() {
        assertThat(PatientCaller.groups("19840512#4417#")).containsExactly("19840512#", "4417#");
        assertThat(PatientCaller.groups("1#*0")).containsExactly("1#", "*0");
        assertThat(PatientCaller.groups("")).isEmpty();
    }

    @Test
    void next_agentAsksOnAndOn_keysAfterPatienceAndWaitsForTheNextQuestion() {
        var caller = new PatientCaller(AudioClip.empty(), List.of("12#", "3#"), answered::get);

        live(caller, 2_500, true);
        assertThat(acts).isEmpty();
        live(caller, 400, true);
        assertThat(acts).hasSize(3).first().asString().startsWith("1@25");
        live(caller, 2_000, true);
        assertThat(acts).hasSize(3);
        live(caller, 1_000, true);
        assertThat(acts).hasSize(5);
    }

    @Test
    void next_agentPauses_keysAtOnce() {
        var caller = new PatientCaller(AudioClip.empty(), List.of("1#"), answered::get);

        live(caller, 500, true);
        live(caller, 1_200, false);

        assertThat(acts).hasSize(2);
    }

    @Test
    void next_agentNeverSpoke_keysNothing() {
        var caller = new PatientCaller(AudioClip.empty(), List.of("1#"), answered::get);

        live(caller, 10_000, false);

        assertThat(acts).isEmpty();
    }

    @Test
    void next_speechComesFirst_thenKeys() {
        var caller = new PatientCaller(AudioClip.silence(Duration.ofSeconds(4)), List.of("1#"), answered::get);

        live(caller, 3_900, true);
        assertThat(acts).isEmpty();
        live(caller, 400, true);

        assertThat(acts).hasSize(2);
    }

    @Test
    void next_answered_hangsUpABitLater() {
        var caller = new PatientCaller(AudioClip.empty(), List.of(), answered::get);
        live(caller, 1_000, true);
        answered.set(true);

        live(caller, 1_600, true);

        assertThat(acts).first().isEqualTo("hang up@2500");
    }

    @Test
    void playout_clear_bringsEveryMarkBack() {
        playout.media(8_000, Duration.ZERO);
        playout.mark("one", Duration.ZERO);
        assertThat(playout.due(Duration.ofMillis(500))).isEmpty();

        playout.clear(Duration.ofMillis(500));

        assertThat(playout.due(Duration.ofMillis(500))).containsExactly("one");
        assertThat(playout.due(Duration.ofMillis(500))).isEmpty();
        assertThat(playout.hearing(Duration.ofMillis(800)).speaking()).isFalse();
    }

    @Test
    void playout_mark_isDueOnceTheAudioBeforeItWasHeard() {
        playout.media(800, Duration.ZERO);
        playout.mark("one", Duration.ZERO);
        playout.media(800, Duration.ofMillis(20));
        playout.mark("two", Duration.ofMillis(20));

        assertThat(playout.due(Duration.ofMillis(99))).isEmpty();
        assertThat(playout.due(Duration.ofMillis(100))).containsExactly("one");
        assertThat(playout.due(Duration.ofMillis(200))).containsExactly("two");
    }
}
