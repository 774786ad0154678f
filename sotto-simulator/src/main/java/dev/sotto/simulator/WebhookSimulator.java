package dev.sotto.simulator;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.sotto.core.RejectedException;
import dev.sotto.core.UnavailableException;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.handler.codec.http.FullHttpRequest;
import io.netty.handler.codec.http.HttpObjectAggregator;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpServerCodec;
import io.netty.handler.codec.http.HttpUtil;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/// A receiver of webhooks that keeps what it gets and fails on demand. Listens on loopback, with TLS if it is given an
/// identity. Thread-safe.
@SuppressWarnings("FutureReturnValueIgnored") // a peer that went away is noticed by its channel
public final class WebhookSimulator implements AutoCloseable {
    private static final int MOST_CONNECTIONS = 200;
    private static final int MOST_BODY_BYTES = 1 << 20;
    private static final int MOST_REQUESTS = 10_000;
    private static final long MOST_BYTES = 64L << 20;

    /// A request as it came.
    ///
    /// @param headers names in lower case; several values of one name joined by a comma
    /// @param status what it was answered
    public record Delivery(String method, String path, Map<String, String> headers, String body, int status) {
        public Delivery {
            headers = Map.copyOf(headers);
        }

        /// The value of a header.
        public Optional<String> header(String name) {
            return Optional.ofNullable(headers.get(name.toLowerCase(Locale.ROOT)));
        }
    }

    private final boolean secure;
    private final Received received = new Received(MOST_BYTES);
    private final List<Delivery> deliveries = new ArrayList<>();
    private final Listener listener;
    private int failures;
    private int failureStatus;
    private Duration delay = Duration.ZERO;
    private boolean down;

    private WebhookSimulator(int port, @Nullable ServerIdentity identity) {
        secure = identity != null;
        var tls = Listener.tls(identity);
        listener = new Listener("webhook", port, MOST_CONNECTIONS, (channel, connection) -> {
            if (isDown()) {
                channel.close();
                return;
            }
            if (tls != null) {
                channel.pipeline().addLast(tls.newHandler(channel.alloc()));
            }
            channel.pipeline()
                    .addLast(new Recorder(received, connection, Received.Form.HTTP))
                    .addLast(new HttpServerCodec())
                    .addLast(new HttpObjectAggregator(MOST_BODY_BYTES))
                    .addLast(new Door(connection));
        });
    }

    /// Starts with TLS.
    ///
    /// @param port 0 for a free one
    /// @throws UnavailableException if the port cannot be bound
    /// @throws RejectedException if key and certificate cannot be used
    public static WebhookSimulator start(int port, ServerIdentity identity) {
        return new WebhookSimulator(port, identity);
    }

    /// Starts without TLS, for tests.
    public static WebhookSimulator startInsecurePlain(int port) {
        return new WebhookSimulator(port, null);
    }

    public int port() {
        return listener.port();
    }

    /// The address of `path`, which starts with a slash.
    public URI uri(String path) {
        return URI.create("%s://%s:%d%s".formatted(secure ? "https" : "http", Listener.HOST, port(), path));
    }

    /// Answers the next `times` requests with `status`.
    public synchronized void failNext(int times, int status) {
        if (times < 0 || status < 300 || status > 599) {
            throw new IllegalArgumentException("times (%d) or status (%d) is not a failure".formatted(times, status));
        }
        failures = times;
        failureStatus = status;
    }

    /// Answers only after `wait`, until told otherwise.
    public synchronized void answerAfter(Duration wait) {
        delay = wait;
    }

    /// Takes no connection and cuts those that are open, until [#up()].
    public void down() {
        synchronized (this) {
            down = true;
        }
        listener.cutAll();
    }

    public synchronized void up() {
        down = false;
    }

    private synchronized boolean isDown() {
        return down;
    }

    /// What came until now, failed requests too, at most 10,000.
    public synchronized List<Delivery> deliveries() {
        return List.copyOf(deliveries);
    }

    /// Waits until `count` requests came.
    ///
    /// @return whether they came in time
    public synchronized boolean await(int count, Duration patience) throws InterruptedException {
        long until = System.nanoTime() + patience.toNanos();
        while (deliveries.size() < count) {
            long left = until - System.nanoTime();
            if (left <= 0) {
                return false;
            }
            TimeUnit.NANOSECONDS.timedWait(this, left);
        }
        return true;
    }

    /// Everything that was sent here.
    public Received received() {
        return received;
    }

    @Override
    public void close() {
        listener.close();
    }

    private synchronized int keep(FullHttpRequest request) {
        int status = failures > 0 ? failureStatus : HttpResponseStatus.OK.code();
        failures = Math.max(0, failures - 1);
        if (deliveries.size() < MOST_REQUESTS) {
            var headers = new LinkedHashMap<String, String>();
            request.headers()
                    .forEach(header -> headers.merge(
                            header.getKey().toLowerCase(Locale.ROOT), header.getValue(), (a, b) -> a + ", " + b));
            deliveries.add(new Delivery(
                    request.method().name(),
                    request.uri(),
                    headers,
                    request.content().toString(UTF_8),
                    status));
        }
        notifyAll();
        return status;
    }

    private synchronized Duration delay() {
        return delay;
    }

    /// One connection.
    private final class Door extends SimpleChannelInboundHandler<FullHttpRequest> {
        private final long connection;
        private long requests;

        Door(long connection) {
            this.connection = connection;
        }

        @Override
        protected void channelRead0(ChannelHandlerContext ctx, FullHttpRequest request) {
            if (HttpUtil.isTransferEncodingChunked(request)) {
                received.add(connection, Received.Form.BODY, request.content());
            }
            boolean keep = HttpUtil.isKeepAlive(request);
            int status = keep(request);
            var exchange = new Exchange(ctx, "webhook-%d-%d".formatted(connection, ++requests), () -> {
                if (!keep) {
                    ctx.close();
                }
            });
            ObjectNode body = Json.object().put("simulator", Listener.HEADER_VALUE);
            Exchange.later(ctx, delay(), () -> exchange.json(HttpResponseStatus.valueOf(status), body));
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
            ctx.close();
        }
    }
}
