package dev.sotto.model;

import java.net.http.HttpRequest;
import java.nio.ByteBuffer;
import java.util.concurrent.Flow;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;

/// When a request left: the moment the connection took the last of its body. Of several tries the first counts.
/// Thread-safe.
final class Departure {
    private final LongSupplier nanoTime;
    private final AtomicLong at = new AtomicLong();

    Departure(LongSupplier nanoTime) {
        this.nanoTime = nanoTime;
    }

    /// In the time of [System#nanoTime()]; zero while the request has not left.
    long nanos() {
        return at.get();
    }

    /// A body that notes when it was taken.
    HttpRequest.BodyPublisher body(byte[] bytes) {
        return new Noted(HttpRequest.BodyPublishers.ofByteArray(bytes));
    }

    private void left() {
        long now = nanoTime.getAsLong();
        at.compareAndSet(0, now == 0 ? 1 : now);
    }

    private final class Noted implements HttpRequest.BodyPublisher {
        private final HttpRequest.BodyPublisher body;

        Noted(HttpRequest.BodyPublisher body) {
            this.body = body;
        }

        @Override
        public long contentLength() {
            return body.contentLength();
        }

        @Override
        public void subscribe(Flow.Subscriber<? super ByteBuffer> connection) {
            body.subscribe(new Flow.Subscriber<>() {
                @Override
                public void onSubscribe(Flow.Subscription subscription) {
                    connection.onSubscribe(subscription);
                }

                @Override
                public void onNext(ByteBuffer piece) {
                    connection.onNext(piece);
                }

                @Override
                public void onError(Throwable failure) {
                    connection.onError(failure);
                }

                @Override
                public void onComplete() {
                    connection.onComplete();
                    left();
                }
            });
        }
    }
}
