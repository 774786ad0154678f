package dev.sotto.agent;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sotto.agent.CallerTurns.Said;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class CallerTurnsTest {
    private static final Duration PATIENCE = Duration.ofSeconds(2);

    private final AtomicLong now = new AtomicLong();
    private final CallerTurns turns = new CallerTurns(PATIENCE, now::get);

    private static Duration ms(long milliseconds) {
        return Duration.ofMillis(milliseconds);
    }

    private void frames(int count) {
        for (int i = 0; i < count; i++) {
            turns.frame(160);
        }
    }

    private void passes(Duration time) {
        now.addAndGet(time.toNanos());
    }

    @Test
    void utterance_isPlacedInTheStream_fromWhereTheProviderBeganToHear() {
        frames(100);
        turns.sending(0);
        frames(50);
        turns.started(ms(3_000));
        assertThat(turns.providerStarted("i", ms(800))).isFalse();
        frames(50);
        turns.stopped(ms(4_000));
        turns.providerStopped("i", ms(1_500));

        assertThat(turns.settled("i")).isEqualTo(new Said(ms(2_800), ms(700)));
    }

    @Test
    void provider_thatNoticesFirst_saysSo_andOnceOnly() {
        assertThat(turns.providerStarted("i", ms(100))).isTrue();
        turns.started(ms(200));
        turns.stopped(ms(900));
        passes(ms(3_000));
        assertThat(turns.unnoticed()).isEmpty();
    }

    @Test
    void speech_thatTheProviderDoesNotNotice_isToldOnce() {
        turns.started(ms(200));
        passes(ms(5_000));
        assertThat(turns.unnoticed()).isEmpty();
        turns.stopped(ms(900));
        assertThat(turns.unnoticed()).isEmpty();
        passes(ms(1_000));
        assertThat(turns.unnoticed()).contains(new Said(ms(200), ms(700)));
        assertThat(turns.unnoticed()).isEmpty();
    }

    @Test
    void provider_thatNoticesLate_isStillHeard() {
        turns.started(ms(200));
        turns.stopped(ms(900));
        passes(ms(500));
        assertThat(turns.providerStarted("i", ms(200))).isFalse();
        passes(ms(5_000));
        assertThat(turns.unnoticed()).isEmpty();
    }

    @Test
    void words_areDue_onceTheUtteranceIsOver() {
        turns.providerStarted("i", ms(100));
        passes(ms(60_000));
        assertThat(turns.overdue()).isFalse();
        turns.providerStopped("i", ms(60_100));
        passes(PATIENCE);
        assertThat(turns.overdue()).isFalse();
        passes(ms(1));
        assertThat(turns.overdue()).isTrue();
        turns.settled("i");
        assertThat(turns.overdue()).isFalse();
    }

    @Test
    void end_thatTheProviderDoesNotNotice_isNotWaitedForForEver() {
        turns.started(ms(100));
        turns.providerStarted("i", ms(100));
        turns.stopped(ms(900));
        passes(PATIENCE.plusMillis(500));
        turns.started(ms(3_400));
        passes(PATIENCE);
        assertThat(turns.overdue()).as("the caller went on").isFalse();
        turns.stopped(ms(5_400));
        passes(PATIENCE.plusMillis(1_001));
        assertThat(turns.overdue()).isTrue();
    }

    @Test
    void session_thatIsGone_leavesWhatWasSaidUnsettled() {
        turns.providerStarted("i", ms(100));
        turns.providerStopped("i", ms(600));
        turns.providerStarted("j", ms(900));

        assertThat(turns.forget()).containsExactly(new Said(ms(100), ms(500)));
        assertThat(turns.forget()).isEmpty();
    }

    @Test
    void more_thanAnybodySays_isOverdue() {
        for (int i = 0; i < 40; i++) {
            turns.providerStarted("i" + i, ms(i));
            turns.settled("i" + i);
        }
        assertThat(turns.overdue()).isFalse();
        turns.providerStarted("more", ms(1));
        assertThat(turns.overdue()).isTrue();
        turns.settled("more");
        passes(ms(10_001));
        turns.providerStarted("later", ms(1));
        assertThat(turns.overdue()).isFalse();
    }
}
