package dev.sotto.server.web;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sotto.testkit.ManualClock;
import java.time.Duration;
import java.time.Instant;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class ThrottleTest {
    private final ManualClock clock = new ManualClock(Instant.parse("2026-11-21T10:00:00Z"));

    @Test
    void tryAcquire_beyondTheLimit_isRefusedUntilTheWindowEnds() {
        var throttle = new Throttle(3, Duration.ofMinutes(15), 10, clock);

        assertThat(IntStream.range(0, 5).mapToObj(_ -> throttle.tryAcquire("a")))
                .containsExactly(true, true, true, false, false);
        assertThat(throttle.tryAcquire("b")).isTrue();
        clock.advance(Duration.ofMinutes(15));
        assertThat(throttle.tryAcquire("a")).isTrue();
    }

    @Test
    void reset_forgetsTheKey() {
        var throttle = new Throttle(1, Duration.ofMinutes(15), 10, clock);
        throttle.tryAcquire("a");

        throttle.reset("a");

        assertThat(throttle.tryAcquire("a")).isTrue();
    }

    @Test
    void size_underAnyNumberOfKeys_isBounded() {
        var throttle = new Throttle(1, Duration.ofMinutes(15), 100, clock);

        IntStream.range(0, 10_000).forEach(i -> throttle.tryAcquire("key-" + i));

        assertThat(throttle.size()).isEqualTo(100);
    }
}
