package dev.sotto.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.sotto.core.UnavailableException;
import dev.sotto.testkit.FakeMeter;
import dev.sotto.testkit.Samples;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class CircuitBreakerTest {
    private final AtomicLong now = new AtomicLong(Long.MAX_VALUE - 1_000); // the monotonic clock may wrap
    private final FakeMeter meter = new FakeMeter();
    private final CircuitBreaker breaker = new CircuitBreaker(now::get, meter);

    private void fail(int times) {
        for (int i = 0; i < times; i++) {
            breaker.enter().failed();
        }
    }

    private void wait(Duration time) {
        now.addAndGet(time.toNanos());
    }

    private void assertShut() {
        assertThatExceptionOfType(UnavailableException.class)
                .isThrownBy(breaker::enter)
                .satisfies(refused -> assertThat(refused.code()).isEqualTo(ModelError.CIRCUIT_OPEN));
    }

    @Test
    void circuit_afterEnoughFailures_opensOnce() {
        fail(CircuitBreaker.LEAST - 1);
        assertThat(breaker.health()).isEqualTo(Health.GOOD);
        var late = breaker.enter();
        fail(1);

        assertThat(breaker.health()).isEqualTo(Health.RESTING);
        assertShut();
        late.failed(); // what began before says nothing new
        assertThat(meter.counted(ModelMetrics.CIRCUIT_OPENED)).isOne();
    }

    @Test
    void circuit_withMoreGoodThanBad_staysShutToNobody() {
        for (int i = 0; i < 200; i++) {
            breaker.enter().succeeded();
            breaker.enter().succeeded();
            fail(1);
        }
        assertThat(breaker.health()).isEqualTo(Health.GOOD);
    }

    @Test
    void circuit_afterItsRest_letsOneProbeThroughWhichClosesIt() {
        fail(CircuitBreaker.LEAST);
        wait(CircuitBreaker.FIRST_REST.minusNanos(1));
        assertShut();
        wait(Duration.ofNanos(1));

        assertThat(breaker.health()).isEqualTo(Health.PROBING);
        var probe = breaker.enter();
        assertShut();
        probe.succeeded();

        assertThat(breaker.health()).isEqualTo(Health.GOOD);
        fail(CircuitBreaker.LEAST - 1); // what was before is forgotten
        assertThat(breaker.health()).isEqualTo(Health.GOOD);
    }

    @Test
    void circuit_whoseProbesFail_restsTwiceAsLongUpToABound() {
        fail(CircuitBreaker.LEAST);
        var rest = CircuitBreaker.FIRST_REST;
        for (int i = 0; i < 8; i++) {
            wait(rest);
            breaker.enter().failed();
            rest = rest.multipliedBy(2);
            rest = rest.compareTo(CircuitBreaker.LONGEST_REST) > 0 ? CircuitBreaker.LONGEST_REST : rest;
            wait(rest.minusNanos(1));
            assertShut();
            wait(Duration.ofNanos(1).minus(rest));
        }
        assertThat(rest).isEqualTo(CircuitBreaker.LONGEST_REST);
    }

    @Test
    void probe_thatSaysNothing_leavesRoomForAnother() {
        fail(CircuitBreaker.LEAST);
        wait(CircuitBreaker.FIRST_REST);
        breaker.enter().forgotten();

        breaker.enter().succeeded();
        assertThat(breaker.health()).isEqualTo(Health.GOOD);
    }

    @Test
    void permit_settledTwice_countsOnce() {
        for (int i = 0; i < CircuitBreaker.LEAST - 1; i++) {
            var permit = breaker.enter();
            permit.failed();
            permit.failed();
            permit.forgotten();
        }
        assertThat(breaker.health()).isEqualTo(Health.GOOD);
        var began = breaker.enter();
        began.succeeded();
        fail(0);
        began.failedLate();
        assertThat(breaker.health()).isEqualTo(Health.RESTING);
    }

    @Test
    void circuit_underAnyOutcomes_opensExactlyWhenHalfOfTheWindowFailed() {
        Samples.forAll(300, random -> random, random -> {
            var clock = new AtomicLong();
            var any = new CircuitBreaker(clock::get, new FakeMeter());
            var window = new ArrayDeque<Boolean>();
            double share = random.nextDouble();
            for (int i = 0; i < 100; i++) {
                boolean bad = random.nextDouble() < share;
                var permit = any.enter();
                if (bad) {
                    permit.failed();
                } else {
                    permit.succeeded();
                }
                window.add(bad);
                if (window.size() > CircuitBreaker.WINDOW) {
                    window.remove();
                }
                long failures = window.stream().filter(b -> b).count();
                boolean open = bad && failures >= CircuitBreaker.LEAST && failures * 2 >= window.size();
                assertThat(any.health()).isEqualTo(open ? Health.RESTING : Health.GOOD);
                if (open) {
                    return;
                }
            }
        });
    }
}
