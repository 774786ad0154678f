package dev.sotto.agent;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class SystemTimersTest {
    @Test
    void wakeUp_comes_unlessItIsCalledOff() throws Exception {
        try (var timers = new SystemTimers()) {
            var woken = new AtomicInteger();
            var last = new CountDownLatch(1);
            timers.after(Duration.ofMillis(5), woken::incrementAndGet).cancel();
            timers.after(Duration.ofMillis(10), last::countDown);

            assertThat(last.await(10, TimeUnit.SECONDS)).isTrue();
            assertThat(woken).hasValue(0);
        }
    }

    /// A chat that is on while its node stops asks to be woken when the timers are gone.
    @Test
    void wakeUp_ofClosedTimers_isNotTaken_andFailsNobody() {
        var timers = new SystemTimers();
        timers.close();
        var woken = new AtomicInteger();

        timers.after(Duration.ZERO, woken::incrementAndGet).cancel();

        assertThat(woken).hasValue(0);
    }
}
