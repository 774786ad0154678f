package dev.sotto.agent;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sotto.testkit.FakeMeter;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class TurnClockTest {
    private static final Duration WAIT = Duration.ofSeconds(5);

    private final FakeMeter meter = new FakeMeter();
    private final long now = System.nanoTime();

    @Test
    void turn_isWhatSottoTook_withoutWhatTheModelAndTheSynthesizerTook() {
        var clock = new TurnClock(now - ms(60_000), meter);

        clock.asked(now - ms(60_000) + ms(7)); // the model then takes most of a minute
        clock.sentence(1);
        clock.sound(1, System.nanoTime() + ms(30_000)); // ordered in 30 s, so the rest counts from there
        clock.begun(1);

        assertThat(meter.timed("agent.talk.before_model")).containsExactly(Duration.ofMillis(7));
        Duration frame = meter.timed("agent.talk.before_frame").getFirst();
        assertThat(frame)
                .isBetween(Duration.ofSeconds(30), Duration.ofSeconds(30).plus(WAIT));
        assertThat(meter.timed("agent.talk.added")).containsExactly(frame.plusMillis(7));
    }

    @Test
    void turn_countsItsFirstRequestAndItsFirstSentenceOnly() {
        var clock = new TurnClock(now, meter);

        clock.asked(now + ms(3));
        clock.asked(now + ms(900));
        clock.sentence(4);
        clock.sentence(5);
        clock.sound(5, System.nanoTime());
        clock.begun(5);
        assertThat(meter.timed("agent.talk.added")).isEmpty();
        clock.sound(4, System.nanoTime());
        clock.begun(4);
        clock.begun(4);

        assertThat(meter.timed("agent.talk.before_model")).containsExactly(Duration.ofMillis(3));
        assertThat(meter.timed("agent.talk.added")).hasSize(1);
    }

    @Test
    void turn_whoseRequestIsNotKnownToHaveLeft_isNotCounted() {
        var clock = new TurnClock(now, meter);

        clock.asked(0);
        clock.sentence(1);
        clock.sound(1, 0);
        clock.begun(1);

        assertThat(meter.timed("agent.talk.before_model")).isEmpty();
        assertThat(meter.timed("agent.talk.added")).isEmpty();
    }

    private static long ms(long millis) {
        return Duration.ofMillis(millis).toNanos();
    }
}
