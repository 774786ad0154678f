package dev.sotto.guard;

import static dev.sotto.guard.GuardRig.CALL;
import static dev.sotto.guard.GuardRig.CLINIC;
import static dev.sotto.guard.GuardRig.toModel;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sotto.core.ActorId;
import dev.sotto.core.AuditReceipt;
import dev.sotto.core.Meter;
import java.time.Clock;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;

/// What one turn costs, with an audit log that costs nothing. Run with `-Dsotto.guard.latency=true`.
@EnabledIfSystemProperty(named = "sotto.guard.latency", matches = "true", disabledReason = "measures time")
class LatencyTest {
    private static final String TURN =
            "hi my name is jane doe and i was born on march fourteenth nineteen eighty four, i need a refill of my"
                    + " lisinopril, you can reach me at four one five five five five oh one two three after five pm today";

    @Test
    void decide_aTurnOf200Characters_takesWellUnderAMillisecond() {
        var rules = GuardRules.shipped();
        var guard = new Guard(
                () -> rules,
                _ -> new AuditReceipt("none", 0),
                GuardParts.of(
                        new ActorId(ActorId.Kind.NODE, "test"),
                        GuardRig.HASH_KEY,
                        "healthcare",
                        Meter.none(),
                        Clock.systemUTC()));
        guard.openCall(CLINIC, CALL);
        var act = toModel(TURN);
        for (int i = 0; i < 20_000; i++) {
            guard.decide(act);
        }
        long[] nanos = new long[20_000];
        for (int i = 0; i < nanos.length; i++) {
            long start = System.nanoTime();
            guard.decide(act);
            nanos[i] = System.nanoTime() - start;
        }
        Arrays.sort(nanos);
        System.out.printf(
                "guard turn of %d characters: p50 %d us, p99 %d us, p99.9 %d us%n",
                TURN.length(),
                nanos[nanos.length / 2] / 1_000,
                nanos[nanos.length * 99 / 100] / 1_000,
                nanos[nanos.length * 999 / 1_000] / 1_000);

        assertThat(nanos[nanos.length / 2]).isLessThan(1_000_000);
    }
}
