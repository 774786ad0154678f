package dev.sotto.media;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sotto.testkit.FakeMeter;
import io.netty.util.concurrent.DefaultEventExecutor;
import java.time.Duration;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class DeskCallsTest {
    private final DefaultEventExecutor loop = new DefaultEventExecutor();
    private final BlockingQueue<String> seen = new LinkedBlockingQueue<>();
    private final DeskCalls.Outcome<String> outcome =
            new DeskCalls.Outcome<>(seen::add, () -> seen.add("failed"), late -> seen.add("late " + late));

    @AfterEach
    void close() {
        loop.shutdownGracefully(0, 1, TimeUnit.SECONDS).awaitUninterruptibly();
    }

    private static EdgeLimits limits(Duration desk) {
        var other = Duration.ofSeconds(5);
        return EdgeLimits.defaults().withTimeouts(other, other, other, desk);
    }

    private String next() throws InterruptedException {
        var next = seen.poll(10, TimeUnit.SECONDS);
        return next == null ? "nothing" : next;
    }

    @Test
    void ask_answeredFailedOrLate_settlesOnce() throws Exception {
        var stubborn = new CountDownLatch(1);
        try (var calls = new DeskCalls(limits(Duration.ofMillis(200)), new FakeMeter())) {
            calls.ask(loop, "m", () -> "answer", outcome);
            assertThat(next()).isEqualTo("answer");
            calls.ask(loop, "m", () -> Integer.toString(Integer.parseInt("x")), outcome);
            assertThat(next()).isEqualTo("failed");
            calls.ask(
                    loop,
                    "m",
                    () -> {
                        boolean go = false;
                        while (!go) {
                            try {
                                go = stubborn.await(10, TimeUnit.SECONDS);
                            } catch (InterruptedException ignored) {
                                // does not stop when told to
                            }
                        }
                        return "answer";
                    },
                    outcome);
            assertThat(next()).isEqualTo("failed");
            stubborn.countDown();
            assertThat(next()).isEqualTo("late answer");
            assertThat(seen).isEmpty();
        }
    }

    @Test
    void ask_overTheLimit_failsAtOnceAndPlacesComeBack() throws Exception {
        var meter = new FakeMeter();
        var go = new CountDownLatch(1);
        var limits = limits(Duration.ofSeconds(10));
        try (var calls = new DeskCalls(limits, meter)) {
            for (int i = 0; i < limits.maxDeskCalls(); i++) {
                calls.ask(
                        loop,
                        "m",
                        () -> {
                            try {
                                go.await(10, TimeUnit.SECONDS);
                            } catch (InterruptedException interrupted) {
                                Thread.currentThread().interrupt();
                            }
                            return "answer";
                        },
                        outcome);
            }
            assertThat(calls.waiting()).isEqualTo(limits.maxDeskCalls());
            calls.ask(loop, "m", () -> "one more", outcome);
            assertThat(next()).isEqualTo("failed");
            go.countDown();
            for (int i = 0; i < limits.maxDeskCalls(); i++) {
                assertThat(next()).isEqualTo("answer");
            }
        }
        assertThat(meter.timed("m")).hasSize(limits.maxDeskCalls());
    }
}
