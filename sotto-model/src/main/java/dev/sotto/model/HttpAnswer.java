package dev.sotto.model;

import dev.sotto.core.SottoException;
import dev.sotto.core.UnavailableException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.http.HttpHeaders;
import java.util.Locale;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/// An answer whose head said 200: its body, within the limits. It holds a slot of the provider until it is closed. One
/// thread reads; any thread closes.
final class HttpAnswer implements AutoCloseable {
    private static final int MOST_DRAINED = 4;
    private static final long DRAIN_NANOS = 100_000_000;

    private final BodyQueue body;
    private final HttpHeaders headers;
    private final ProviderLimits limits;
    private final LongSupplier nanoTime;
    private final long end;
    private final CircuitBreaker.Permit permit;
    private final Semaphore slots;
    private final AtomicBoolean closed = new AtomicBoolean();
    private long bytes;

    HttpAnswer(
            BodyQueue body,
            HttpHeaders headers,
            ProviderLimits limits,
            LongSupplier nanoTime,
            long start,
            CircuitBreaker.Permit permit,
            Semaphore slots) {
        this.body = body;
        this.headers = headers;
        this.limits = limits;
        this.nanoTime = nanoTime;
        this.end = start + limits.total().toNanos();
        this.permit = permit;
        this.slots = slots;
    }

    /// The answer's media type, lower case and without parameters; "" if it names none.
    String mediaType() {
        return headers.firstValue("Content-Type")
                .map(value -> value.split(";", 2)[0].strip().toLowerCase(Locale.ROOT))
                .orElse("");
    }

    /// The time that is left for the whole answer.
    long leftNanos() {
        return end - nanoTime.getAsLong();
    }

    /// The next bytes, or null at the end.
    ///
    /// @throws UnavailableException if the answer breaks a limit or the connection breaks
    byte @Nullable [] next() {
        long left = leftNanos();
        if (left <= 0) {
            throw tooLong();
        }
        try {
            byte[] piece = body.take(Math.min(left, limits.idle().toNanos()));
            bytes += piece == null ? 0 : piece.length;
            if (bytes > limits.answerBytes()) {
                throw new UnavailableException(
                        ModelError.ANSWER_TOO_LARGE,
                        "an answer must be at most %d bytes".formatted(limits.answerBytes()));
            }
            return piece;
        } catch (TimeoutException late) {
            throw leftNanos() <= 0
                    ? tooLong()
                    : new UnavailableException(ModelError.ANSWER_STALLED, "the provider stopped in mid-answer");
        } catch (IOException broken) {
            throw new UnavailableException(ModelError.ANSWER_CUT, "the connection broke in mid-answer");
        } catch (InterruptedException interrupted) {
            throw ModelHttp.interrupted();
        }
    }

    /// The whole body.
    byte[] all() {
        var all = new ByteArrayOutputStream();
        for (byte[] piece = next(); piece != null; piece = next()) {
            all.writeBytes(piece);
        }
        return all.toByteArray();
    }

    /// Reads what is left, briefly, so that the connection can be used again. What it finds does not matter.
    void drain() {
        try {
            for (int pieces = 0; pieces < MOST_DRAINED; pieces++) {
                if (body.take(Math.min(DRAIN_NANOS, Math.max(0, leftNanos()))) == null) {
                    return;
                }
            }
        } catch (TimeoutException | IOException unfinished) {
            // Then the connection is given up.
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    static UnavailableException tooLong() {
        return new UnavailableException(ModelError.ANSWER_TOO_LONG, "the answer did not end in time");
    }

    /// The answer was whole and well-formed.
    void succeeded() {
        permit.succeeded();
    }

    /// The answer was not. What we did ourselves does not count against the provider.
    void failed(SottoException failure) {
        if (failure.code() == ModelError.INTERRUPTED
                || failure.code() == ModelError.CANCELLED
                || failure.code() == ModelError.TAKEN_TOO_SLOWLY) {
            permit.forgotten();
        } else {
            permit.failed();
        }
    }

    @Override
    public void close() {
        if (closed.compareAndSet(false, true)) {
            permit.forgotten();
            body.close();
            slots.release();
        }
    }
}
