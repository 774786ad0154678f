package dev.sotto.guard;

import static dev.sotto.guard.GuardRig.toModel;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sotto.core.EgressDoor.Verdict;
import dev.sotto.core.Meter;
import dev.sotto.testkit.FakeAuditSink;
import java.time.Clock;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class LateGuardTest {
    @Test
    void decide_thatTakesLongerThanItsTime_isDeniedHoweverLittleIsMissing() {
        var clock = new AtomicLong();
        var rules = GuardRules.shipped();
        var base = GuardParts.of(GuardRig.ACTOR, GuardRig.HASH_KEY, "healthcare", Meter.none(), Clock.systemUTC());
        var parts = new GuardParts(
                base.actor(),
                base.hashKey(),
                new GuardLimits(1, 1_000, Duration.ofNanos(5)),
                base.detection(),
                base.verticals(),
                base.onDenial(),
                base.meter(),
                base.clock(),
                clock::incrementAndGet); // each look at the clock is a nanosecond
        var guard = new Guard(() -> rules, new FakeAuditSink(), parts);

        assertThat(guard.decide(toModel("hello", "again", "and again"))).isEqualTo(new Verdict.Denied("detector-late"));
    }
}
