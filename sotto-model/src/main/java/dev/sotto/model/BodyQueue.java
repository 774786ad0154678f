package dev.sotto.model;

import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Flow;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/// The body of an answer, piece by piece, as fast as it is taken: one piece is asked for at a time. One thread takes;
/// any thread closes.
final class BodyQueue implements HttpResponse.BodySubscriber<BodyQueue>, AutoCloseable {
    private sealed interface Signal {
        record Piece(List<ByteBuffer> buffers) implements Signal {}

        record End() implements Signal {}

        record Broken() implements Signal {}
    }

    /// A piece and how it ends: no more can wait, because one piece is asked for at a time.
    private final BlockingQueue<Signal> signals = new ArrayBlockingQueue<>(2);

    private Flow.@Nullable Subscription subscription;
    private boolean closed;
    private boolean ended;

    @Override
    public CompletionStage<BodyQueue> getBody() {
        return CompletableFuture.completedFuture(this);
    }

    @Override
    public void onSubscribe(Flow.Subscription given) {
        synchronized (this) {
            if (!closed && subscription == null) {
                subscription = given;
                given.request(1);
                return;
            }
        }
        given.cancel();
    }

    @Override
    public void onNext(List<ByteBuffer> buffers) {
        signals.offer(new Signal.Piece(buffers));
    }

    @Override
    public void onError(Throwable failure) {
        signals.offer(new Signal.Broken());
    }

    @Override
    public void onComplete() {
        signals.offer(new Signal.End());
    }

    /// The next piece, or null at the end.
    ///
    /// @throws IOException if the connection broke
    /// @throws TimeoutException if nothing came within `nanos`
    byte @Nullable [] take(long nanos) throws IOException, TimeoutException, InterruptedException {
        if (ended) {
            return null;
        }
        var signal = signals.poll(nanos, TimeUnit.NANOSECONDS);
        return switch (signal) {
            case null -> throw new TimeoutException();
            case Signal.Broken _ -> throw new IOException("the connection broke");
            case Signal.End _ -> {
                ended = true;
                yield null;
            }
            case Signal.Piece(List<ByteBuffer> buffers) -> {
                more();
                yield joined(buffers);
            }
        };
    }

    private synchronized void more() {
        if (subscription != null && !closed) {
            subscription.request(1);
        }
    }

    private static byte[] joined(List<ByteBuffer> buffers) {
        int size = buffers.stream().mapToInt(ByteBuffer::remaining).sum();
        var joined = ByteBuffer.allocate(size);
        buffers.forEach(joined::put);
        return joined.array();
    }

    /// Gives the connection up if the body is not at its end.
    @Override
    public void close() {
        Flow.Subscription given;
        synchronized (this) {
            closed = true;
            given = subscription;
        }
        if (given != null) {
            given.cancel();
        }
    }
}
