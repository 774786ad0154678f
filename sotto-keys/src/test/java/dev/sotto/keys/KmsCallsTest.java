package dev.sotto.keys;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import dev.sotto.core.DeniedException;
import dev.sotto.core.IntegrityException;
import dev.sotto.core.RejectedException;
import dev.sotto.core.UnavailableException;
import dev.sotto.keys.KmsCalls.Operation;
import dev.sotto.keys.KmsFailure.Reason;
import dev.sotto.testkit.FakeMeter;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.Test;

class KmsCallsTest {
    private static final KmsCallLimits LIMITS = new KmsCallLimits(
            Duration.ofSeconds(5), Duration.ofSeconds(10), 4, Duration.ofMillis(100), Duration.ofMillis(250), 2);
    private static final KmsCallLimits SHORT = new KmsCallLimits(
            Duration.ofMillis(30), Duration.ofSeconds(10), 2, Duration.ofMillis(1), Duration.ofMillis(1), 1);

    private final FakeMeter meter = new FakeMeter();
    private final AtomicLong now = new AtomicLong();
    private final List<Duration> pauses = new ArrayList<>();

    @Test
    void call_thatSucceeds_isOneTry() throws InterruptedException {
        assertThat(calls(LIMITS).<String>call(Operation.WRAP, _ -> "answer")).isEqualTo("answer");

        assertThat(meter.counted("kms.test.requests")).isOne();
        assertThat(meter.counted("kms.test.retries")).isZero();
        assertThat(meter.timed("kms.test.wrap")).hasSize(1);
        eventually(() -> meter.gauged("kms.test.running") == 0);
    }

    @Test
    void call_thatFailsForAMoment_isTriedAgainAfterBoundedPauses() {
        var tries = new AtomicInteger();

        String answer = calls(LIMITS).call(Operation.UNWRAP, _ -> {
            if (tries.incrementAndGet() < 4) {
                throw new KmsFailure(Reason.THROTTLED);
            }
            return "answer";
        });

        assertThat(answer).isEqualTo("answer");
        assertThat(tries).hasValue(4);
        assertThat(pauses).hasSize(3);
        assertThat(pauses.get(0)).isBetween(Duration.ZERO, Duration.ofMillis(100));
        assertThat(pauses.get(1)).isBetween(Duration.ZERO, Duration.ofMillis(200));
        assertThat(pauses.get(2)).isBetween(Duration.ZERO, Duration.ofMillis(250));
        assertThat(meter.counted("kms.test.retries")).isEqualTo(3);
        assertThat(meter.counted("kms.test.failed.throttled")).isEqualTo(3);
        assertThat(meter.timed("kms.test.unwrap")).hasSize(1);
    }

    /// Full jitter: pauses fill the whole range, so that nodes which failed together do not come back together.
    @Test
    void pauses_differAndFillTheirRange() {
        var calls = calls(LIMITS);
        for (int i = 0; i < 200; i++) {
            var tries = new AtomicInteger();
            calls.call(Operation.WRAP, _ -> {
                if (tries.incrementAndGet() == 1) {
                    throw new KmsFailure(Reason.UNREACHABLE);
                }
                return "";
            });
            now.set(0);
        }

        assertThat(pauses).hasSize(200);
        assertThat(pauses.stream().distinct().count()).isGreaterThan(150);
        assertThat(pauses).anyMatch(pause -> pause.toMillis() < 20).anyMatch(pause -> pause.toMillis() > 80);
    }

    @Test
    void everyReason_isRetriedOrNot_andReachesTheCallerAsItsKind() {
        var kinds = new EnumMap<Reason, Class<? extends RuntimeException>>(Reason.class);
        for (var reason : Reason.values()) {
            var tries = new AtomicInteger();
            var failure = failureOf(Operation.UNWRAP, reason, tries);
            kinds.put(reason, failure.getClass());
            assertThat(tries.get()).as(reason.name()).isEqualTo(reason.retryable() ? 4 : 1);
            assertThat(failure).hasMessageNotContaining("test-secret");
        }

        assertThat(kinds)
                .containsEntry(Reason.TIMED_OUT, UnavailableException.class)
                .containsEntry(Reason.UNREACHABLE, UnavailableException.class)
                .containsEntry(Reason.THROTTLED, UnavailableException.class)
                .containsEntry(Reason.SERVICE_FAILED, UnavailableException.class)
                .containsEntry(Reason.ANSWER_INVALID, UnavailableException.class)
                .containsEntry(Reason.BUSY, UnavailableException.class)
                .containsEntry(Reason.KEY_DISABLED, UnavailableException.class)
                .containsEntry(Reason.DENIED, DeniedException.class)
                .containsEntry(Reason.KEY_UNKNOWN, IntegrityException.class)
                .containsEntry(Reason.CIPHERTEXT_REFUSED, IntegrityException.class)
                .containsEntry(Reason.REQUEST_REFUSED, RejectedException.class);
        assertThat(failureOf(Operation.WRAP, Reason.KEY_UNKNOWN, new AtomicInteger()))
                .isInstanceOf(RejectedException.class);
        assertThat(failureOf(Operation.MAC, Reason.KEY_UNKNOWN, new AtomicInteger()))
                .isInstanceOf(RejectedException.class);
    }

    @Test
    void call_endsWhenThePauseWouldOutlastIt() {
        var tries = new AtomicInteger();

        assertThatExceptionOfType(UnavailableException.class)
                .isThrownBy(() -> calls(LIMITS).call(Operation.WRAP, _ -> {
                    tries.incrementAndGet();
                    now.addAndGet(Duration.ofSeconds(11).toNanos());
                    throw new KmsFailure(Reason.SERVICE_FAILED);
                }));

        assertThat(tries).hasValue(1);
        assertThat(pauses).isEmpty();
    }

    @Test
    void retryAfter_isWaitedForIfItFits_elseEndsTheCall() {
        var tries = new AtomicInteger();
        assertThat(calls(LIMITS).<String>call(Operation.WRAP, _ -> {
                    if (tries.incrementAndGet() == 1) {
                        throw new KmsFailure(Reason.THROTTLED, Duration.ofSeconds(3));
                    }
                    return "answer";
                }))
                .isEqualTo("answer");
        assertThat(pauses).containsExactly(Duration.ofSeconds(3));

        assertThatExceptionOfType(UnavailableException.class)
                .isThrownBy(() -> calls(LIMITS).call(Operation.WRAP, _ -> {
                    throw new KmsFailure(Reason.THROTTLED, Duration.ofHours(1));
                }))
                .satisfies(failure -> assertThat(failure.code()).isEqualTo(KeysError.KMS_THROTTLED));
        assertThat(pauses).hasSize(1);
    }

    @Test
    void tryThatHangs_isInterruptedAndTimesOut() throws InterruptedException {
        var interrupted = new CountDownLatch(2);

        assertThatExceptionOfType(UnavailableException.class)
                .isThrownBy(() -> calls(SHORT).call(Operation.UNWRAP, _ -> {
                    try {
                        new CountDownLatch(1).await();
                    } catch (InterruptedException givenUp) {
                        interrupted.countDown();
                    }
                    return "too late";
                }))
                .withMessage("key service (test) did not answer in time")
                .satisfies(failure -> assertThat(failure.code()).isEqualTo(KeysError.KMS_TIMED_OUT));

        assertThat(interrupted.await(10, TimeUnit.SECONDS)).isTrue();
        assertThat(meter.counted("kms.test.failed.timed_out")).isEqualTo(2);
    }

    @Test
    void keyThatComesTooLate_isWiped() throws Exception {
        var key = DataKey.random(new SecureRandom());
        byte[] bytes = {1, 2, 3};
        var ended = new CountDownLatch(1);
        assertThatExceptionOfType(UnavailableException.class)
                .isThrownBy(() -> once().call(Operation.UNWRAP, _ -> {
                    hang();
                    return key;
                }));
        assertThatExceptionOfType(UnavailableException.class)
                .isThrownBy(() -> once().call(Operation.UNWRAP, _ -> {
                    hang();
                    ended.countDown();
                    return bytes;
                }));

        assertThat(ended.await(10, TimeUnit.SECONDS)).isTrue();
        eventually(() -> bytes[0] == 0 && bytes[2] == 0);
        eventually(() -> isClosed(key));
    }

    /// A driver that never comes back must not cost a thread a call.
    @Test
    void triesThatWereGivenUp_keepTheirSlotUntilTheyEnd() throws InterruptedException {
        var release = new CountDownLatch(1);
        var calls = calls(new KmsCallLimits(
                Duration.ofMillis(20), Duration.ofSeconds(1), 1, Duration.ofMillis(1), Duration.ofMillis(1), 1));
        assertThatExceptionOfType(UnavailableException.class)
                .isThrownBy(() -> calls.call(Operation.WRAP, _ -> {
                    awaitStubbornly(release);
                    return "";
                }));

        assertThatExceptionOfType(UnavailableException.class)
                .isThrownBy(() -> calls.call(Operation.WRAP, _ -> "answer"))
                .satisfies(failure -> assertThat(failure.code()).isEqualTo(KeysError.KMS_BUSY));
        assertThat(meter.gauged("kms.test.running")).isOne();
        release.countDown();
        eventually(() -> meter.gauged("kms.test.running") == 0);

        assertThat(calls.<String>call(Operation.WRAP, _ -> "answer")).isEqualTo("answer");
    }

    @Test
    void interruptedCaller_stopsAtOnceAndStaysInterrupted() throws InterruptedException {
        var seen = new AtomicReference<Object>();
        var started = new CountDownLatch(1);
        var caller = Thread.ofVirtual().start(() -> {
            try {
                calls(LIMITS).call(Operation.WRAP, _ -> {
                    started.countDown();
                    hang();
                    return "";
                });
            } catch (UnavailableException failure) {
                seen.set(failure.code() + " " + Thread.currentThread().isInterrupted());
            }
        });
        assertThat(started.await(10, TimeUnit.SECONDS)).isTrue();
        caller.interrupt();
        caller.join(Duration.ofSeconds(10));

        assertThat(seen).hasValue("KMS_BUSY true");
    }

    @Test
    void bugInATry_reachesTheCallerAsItIs() throws InterruptedException {
        assertThatIllegalStateException()
                .isThrownBy(() -> calls(LIMITS).call(Operation.WRAP, _ -> {
                    throw new IllegalStateException("closed");
                }))
                .withMessage("closed");
        assertThat(meter.counted("kms.test.retries")).isZero();
        eventually(() -> meter.gauged("kms.test.running") == 0);
    }

    @Test
    void limits_thatBoundNothing_areRefused() {
        var second = Duration.ofSeconds(1);
        var milli = Duration.ofMillis(1);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new KmsCallLimits(Duration.ZERO, second, 1, milli, milli, 1));
        assertThatIllegalArgumentException().isThrownBy(() -> new KmsCallLimits(second, milli, 1, milli, milli, 1));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new KmsCallLimits(second, Duration.ofHours(1), 1, milli, milli, 1));
        assertThatIllegalArgumentException().isThrownBy(() -> new KmsCallLimits(second, second, 0, milli, milli, 1));
        assertThatIllegalArgumentException().isThrownBy(() -> new KmsCallLimits(second, second, 11, milli, milli, 1));
        assertThatIllegalArgumentException().isThrownBy(() -> new KmsCallLimits(second, second, 1, second, milli, 1));
        assertThatIllegalArgumentException().isThrownBy(() -> new KmsCallLimits(second, second, 1, milli, milli, 0));
    }

    private RuntimeException failureOf(Operation operation, Reason reason, AtomicInteger tries) {
        try {
            return calls(LIMITS).call(operation, _ -> {
                tries.incrementAndGet();
                throw new KmsFailure(reason, new IllegalArgumentException("test-secret"));
            });
        } catch (RuntimeException failure) {
            now.set(0);
            return failure;
        }
    }

    private KmsCalls once() {
        return calls(new KmsCallLimits(
                Duration.ofMillis(20), Duration.ofSeconds(1), 1, Duration.ofMillis(1), Duration.ofMillis(1), 1));
    }

    private KmsCalls calls(KmsCallLimits limits) {
        return new KmsCalls(
                "test",
                limits,
                meter,
                new SplittableRandom(7),
                Thread.ofVirtual().factory(),
                now::get,
                pause -> {
                    pauses.add(pause);
                    now.addAndGet(pause.toNanos());
                });
    }

    private static void hang() {
        try {
            new CountDownLatch(1).await();
        } catch (InterruptedException givenUp) {
            // and goes on, as a driver might
        }
    }

    private static void awaitStubbornly(CountDownLatch latch) {
        for (boolean open = false; !open; ) {
            try {
                open = latch.await(10, TimeUnit.SECONDS);
            } catch (InterruptedException _) {
                // native code does not hear it
            }
        }
    }

    private static boolean isClosed(DataKey key) {
        try {
            key.reveal();
            return false;
        } catch (IllegalStateException closed) {
            return true;
        }
    }

    private static void eventually(BooleanSupplier condition) throws InterruptedException {
        for (int i = 0; i < 1_000 && !condition.getAsBoolean(); i++) {
            TimeUnit.MILLISECONDS.sleep(5);
        }
        assertThat(condition.getAsBoolean()).isTrue();
    }
}
