package dev.sotto.keys;

import static java.util.Objects.requireNonNull;

import dev.sotto.core.DeniedException;
import dev.sotto.core.IntegrityException;
import dev.sotto.core.Meter;
import dev.sotto.core.RejectedException;
import dev.sotto.core.UnavailableException;
import java.time.Duration;
import java.util.Arrays;
import java.util.Locale;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.LongSupplier;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/// Calls one key service: each try on a thread of its own with a deadline, few at once, and again after a random
/// pause if the failure is one that may pass (full jitter: a pause is anything up to a bound that doubles). Every call
/// that this makes must be safe to repeat. Thread-safe; blocks at most [KmsCallLimits#total()].
///
/// Counts `kms.<scheme>.requests`, `kms.<scheme>.retries` and `kms.<scheme>.failed.<reason>` (a try), times
/// `kms.<scheme>.<operation>` (a call with all its tries), and shows `kms.<scheme>.running`.
public final class KmsCalls {
    private final String scheme;
    private final KmsCallLimits limits;
    private final Meter meter;
    private final ThreadFactory threads;
    private final LongSupplier nanoTime;
    private final RandomGenerator random;
    private final Pauses pauses;
    private final Semaphore slots;

    /// What is asked of the service.
    public enum Operation {
        WRAP,
        UNWRAP,
        REWRAP,
        MAC
    }

    /// One try.
    ///
    /// @param <T> the answer; an array of bytes or a [DataKey] is wiped if it comes after the deadline
    @FunctionalInterface
    public interface Try<T> {
        /// Asks once.
        ///
        /// @param timeLeft what the try may take; the thread is interrupted after it
        /// @throws KmsFailure with the reason; anything unchecked goes to the caller as it is
        T run(Duration timeLeft) throws KmsFailure;
    }

    /// How a thread waits.
    @FunctionalInterface
    interface Pauses {
        void pause(Duration duration) throws InterruptedException;
    }

    /// Calls on virtual threads.
    ///
    /// @param scheme the key-URI scheme, a constant: it is part of the names of metrics
    public KmsCalls(String scheme, KmsCallLimits limits, Meter meter, RandomGenerator random) {
        this(scheme, limits, meter, random, virtual(scheme));
    }

    /// @param threads makes the thread of each try; platform threads for calls into native code, which would hold on
    ///     to the carrier of a virtual one
    public KmsCalls(String scheme, KmsCallLimits limits, Meter meter, RandomGenerator random, ThreadFactory threads) {
        this(scheme, limits, meter, random, threads, System::nanoTime, Thread::sleep);
    }

    KmsCalls(
            String scheme,
            KmsCallLimits limits,
            Meter meter,
            RandomGenerator random,
            ThreadFactory threads,
            LongSupplier nanoTime,
            Pauses pauses) {
        this.scheme = requireNonNull(scheme, "scheme");
        this.limits = requireNonNull(limits, "limits");
        this.meter = requireNonNull(meter, "meter");
        this.random = requireNonNull(random, "random");
        this.threads = requireNonNull(threads, "threads");
        this.nanoTime = nanoTime;
        this.pauses = pauses;
        this.slots = new Semaphore(limits.concurrent());
        meter.gauge(name("running"), () -> limits.concurrent() - slots.availablePermits());
    }

    /// The answer of the first try that succeeds.
    ///
    /// @throws UnavailableException if no try succeeded, or the key is disabled; a retry is safe
    /// @throws DeniedException if the service refuses the credential
    /// @throws RejectedException if the key is unknown or the request malformed
    /// @throws IntegrityException if a wrapped key did not open, which includes an unknown key that it names
    public <T> T call(Operation operation, Try<T> attempt) {
        long began = nanoTime.getAsLong();
        meter.count(name("requests"));
        try {
            return tryUntil(began + limits.total().toNanos(), operation, attempt);
        } finally {
            meter.time(name(operation.name().toLowerCase(Locale.ROOT)), Duration.ofNanos(nanoTime.getAsLong() - began));
        }
    }

    private <T> T tryUntil(long deadline, Operation operation, Try<T> attempt) {
        for (int number = 1; ; number++) {
            try {
                return once(attempt, left(deadline));
            } catch (KmsFailure failure) {
                meter.count(name("failed." + failure.reason().metric()));
                var pause = pause(number, failure);
                if (!failure.reason().retryable()
                        || number >= limits.tries()
                        || pause.compareTo(left(deadline)) >= 0
                        || !waited(pause)) {
                    throw failure.toException(scheme, operation);
                }
                meter.count(name("retries"));
            }
        }
    }

    private <T> T once(Try<T> attempt, Duration left) throws KmsFailure {
        var time = left.compareTo(limits.perTry()) < 0 ? left : limits.perTry();
        long until = System.nanoTime() + time.toNanos();
        acquire(time);
        var answer = new CompletableFuture<T>();
        var thread = start(attempt, Duration.ofNanos(Math.max(1, until - System.nanoTime())), answer);
        try {
            return answer.get(Math.max(1, until - System.nanoTime()), TimeUnit.NANOSECONDS);
        } catch (TimeoutException late) {
            throw abandon(thread, answer, KmsFailure.Reason.TIMED_OUT);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw abandon(thread, answer, KmsFailure.Reason.BUSY);
        } catch (ExecutionException failed) {
            throw rethrown(failed.getCause());
        }
    }

    private void acquire(Duration patience) throws KmsFailure {
        try {
            if (!slots.tryAcquire(patience.toNanos(), TimeUnit.NANOSECONDS)) {
                throw new KmsFailure(KmsFailure.Reason.BUSY);
            }
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new KmsFailure(KmsFailure.Reason.BUSY);
        }
    }

    /// The slot is free again when the thread ends, not when nobody waits for it any more.
    private <T> Thread start(Try<T> attempt, Duration time, CompletableFuture<T> answer) {
        boolean started = false;
        try {
            var thread = threads.newThread(() -> {
                try {
                    run(attempt, time, answer);
                } finally {
                    slots.release();
                }
            });
            thread.start();
            started = true;
            return thread;
        } finally {
            if (!started) {
                slots.release();
            }
        }
    }

    private static <T> void run(Try<T> attempt, Duration time, CompletableFuture<T> answer) {
        try {
            T value = attempt.run(time);
            if (!answer.complete(value)) {
                wipe(value);
            }
        } catch (Throwable failure) { // the root of this thread: the caller's thread throws it
            answer.completeExceptionally(failure);
        }
    }

    /// Gives the try up. An answer that came in this very moment is wiped: the failure stands.
    private static <T> KmsFailure abandon(Thread thread, CompletableFuture<T> answer, KmsFailure.Reason reason) {
        var failure = new KmsFailure(reason);
        if (!answer.completeExceptionally(failure) && !answer.isCompletedExceptionally()) {
            wipe(answer.join());
        }
        thread.interrupt();
        return failure;
    }

    private static void wipe(Object tooLate) {
        switch (tooLate) {
            case byte[] bytes -> Arrays.fill(bytes, (byte) 0);
            case DataKey key -> key.close();
            default -> {
                // ids and ciphertexts are no secret
            }
        }
    }

    private static KmsFailure rethrown(@Nullable Throwable cause) {
        return switch (cause) {
            case KmsFailure failure -> failure;
            case RuntimeException unchecked -> throw unchecked;
            case Error error -> throw error;
            case null, default -> new KmsFailure(KmsFailure.Reason.SERVICE_FAILED);
        };
    }

    private Duration pause(int number, KmsFailure failure) {
        long bound = limits.longestPause().toNanos();
        long first = limits.firstPause().toNanos();
        for (int doubled = 1; doubled < number && first < bound; doubled++) {
            first *= 2;
        }
        var jitter = Duration.ofNanos(random.nextLong(Math.min(first, bound) + 1));
        return failure.retryAfter().filter(asked -> asked.compareTo(jitter) > 0).orElse(jitter);
    }

    private boolean waited(Duration pause) {
        try {
            pauses.pause(pause);
            return true;
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    private Duration left(long deadline) {
        return Duration.ofNanos(Math.max(0, deadline - nanoTime.getAsLong()));
    }

    private String name(String last) {
        return "kms." + scheme + "." + last;
    }

    private static ThreadFactory virtual(String scheme) {
        return Thread.ofVirtual().name("kms-" + scheme + "-", 0).factory();
    }
}
