package dev.sotto.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.sotto.core.SottoException;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class SessionWatchTest {
    private final AtomicLong now = new AtomicLong(Long.MAX_VALUE - 1_000); // the monotonic clock may wrap
    private final ProviderLimits limits = ProviderLimits.defaults();
    private final RealtimeSettings settings =
            RealtimeSessionTest.SETTINGS.times(Duration.ofSeconds(10), Duration.ofMinutes(60));
    private final SessionWatch watch = new SessionWatch(limits, settings, now::get);

    private void pass(Duration time) {
        now.addAndGet(time.toNanos());
    }

    private ModelError over(boolean awaiting, boolean responding, boolean paused) {
        var failure = catchThrowableOfType(SottoException.class, () -> watch.check(awaiting, responding, paused));
        return (ModelError) failure.code();
    }

    @Test
    void response_isAwaitedFromWhenItWasAskedFor_orFromTheEndOfTheOneBefore() {
        pass(Duration.ofSeconds(1));
        watch.asked();
        pass(limits.firstByte());
        assertThat(watch.check(true, false, false)).isFalse();

        watch.progressed();
        assertThat(watch.check(true, true, false)).isFalse();
        pass(limits.idle());
        assertThat(watch.check(true, false, false)).isFalse(); // the other one ended: the wait begins here
        pass(limits.firstByte());
        assertThat(watch.check(true, false, false)).isFalse();
        pass(Duration.ofNanos(1));
        assertThat(over(true, false, false)).isEqualTo(ModelError.FIRST_BYTE_LATE);
    }

    @Test
    void response_thatMakesProgressForever_isCut() {
        for (int second = 0; second < 60; second++) {
            watch.progressed();
            watch.received();
            assertThat(watch.check(false, true, false)).isFalse();
            pass(Duration.ofSeconds(1));
        }
        watch.progressed();
        pass(Duration.ofNanos(1));
        assertThat(over(false, true, false)).isEqualTo(ModelError.ANSWER_TOO_LONG);
    }

    @Test
    void peer_thatIsSilent_isPingedOnceAndThenGivenUp() {
        pass(settings.lifeSign());
        assertThat(watch.check(false, false, false)).isFalse();
        pass(Duration.ofNanos(1));
        assertThat(watch.check(false, false, false)).isTrue();
        assertThat(watch.check(false, false, false)).isFalse();
        pass(settings.lifeSign());
        assertThat(watch.check(false, false, false)).isFalse();
        pass(Duration.ofNanos(1));
        assertThat(over(false, false, false)).isEqualTo(ModelError.SESSION_STALLED);
    }

    @Test
    void peer_thatAnswersThePing_isAlive() {
        pass(settings.lifeSign().plusNanos(1));
        assertThat(watch.check(false, false, false)).isTrue();
        watch.received();
        assertThat(watch.check(false, false, false)).isFalse();
        pass(settings.lifeSign());
        assertThat(watch.check(false, false, false)).isFalse();
    }

    @Test
    void peer_thatIsNotReadBecauseWeAreSlow_isNotBlamed_butWeAre() {
        watch.asked();
        watch.check(true, true, true);
        pass(Duration.ofSeconds(59));
        assertThat(watch.check(true, true, true)).isFalse();
        assertThat(watch.check(true, true, false)).isFalse(); // read again: all times begin anew

        watch.check(true, true, true);
        pass(limits.total().plusNanos(1));
        assertThat(over(true, true, true)).isEqualTo(ModelError.SESSION_OVERRUN);
    }

    @Test
    void session_reachesItsLengthWhateverHappens() {
        pass(settings.longest().plusNanos(1));
        watch.received();
        assertThat(over(false, false, false)).isEqualTo(ModelError.SESSION_TOO_LONG);
    }
}
