package dev.sotto.agent;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sotto.core.SensitiveText;
import dev.sotto.testkit.FakeMeter;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class AdmissionTest {
    private static final Duration LIFE = Duration.ofSeconds(60);

    private final FakeTimers timers = new FakeTimers();
    private final FakeMeter meter = new FakeMeter();
    private final Admission admission = new Admission(2, timers, meter, "agent.calls.held");
    private final AtomicInteger expired = new AtomicInteger();

    private void hold() {
        admission.hold(
                CallRig.CALL,
                admission.enter().orElseThrow(),
                SensitiveText.of("+15550100"),
                LIFE,
                expired::incrementAndGet);
    }

    @Test
    void offeredCall_thatNeverConnects_givesItsPlaceBack() {
        hold();
        assertThat(meter.gauged("agent.calls.held")).isEqualTo(1);
        timers.advance(LIFE);

        assertThat(expired).hasValue(1);
        assertThat(meter.gauged("agent.calls.held")).isZero();
        assertThat(admission.claim(CallRig.CALL)).isEmpty();
    }

    @Test
    void offeredCall_thatConnects_keepsItsPlaceUntilClosedOnce() {
        hold();
        var held = admission.claim(CallRig.CALL).orElseThrow();
        timers.advance(LIFE);
        assertThat(expired).hasValue(0);
        assertThat(meter.gauged("agent.calls.held")).isEqualTo(1);
        held.place().close();
        held.place().close();

        assertThat(meter.gauged("agent.calls.held")).isZero();
        assertThat(admission.claim(CallRig.CALL)).isEmpty();
    }

    @Test
    void places_areBounded() {
        assertThat(admission.enter()).isPresent();
        assertThat(admission.enter()).isPresent();
        assertThat(admission.enter()).isEmpty();
    }
}
