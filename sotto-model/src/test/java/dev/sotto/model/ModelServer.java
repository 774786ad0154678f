package dev.sotto.model;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.sotto.core.Meter;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/// An endpoint over real HTTP on this machine that answers what a test says, faults too.
final class ModelServer implements AutoCloseable {
    static final Duration PATIENCE = Duration.ofSeconds(20);
    /// No test fails because the machine is slow.
    static final ProviderLimits PATIENT =
            ProviderLimits.defaults().times(PATIENCE, PATIENCE, PATIENCE, Duration.ofSeconds(60));

    private final HttpServer server;
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private final Queue<Answer> answers = new ArrayDeque<>();
    private final BlockingQueue<Request> requests = new LinkedBlockingQueue<>(1_000);
    private final CountDownLatch closing = new CountDownLatch(1);

    /// What came in. `body` holds each byte as one character.
    record Request(String method, String target, String key, String azureKey, String contentType, String body) {
        String text() {
            return new String(body.getBytes(ISO_8859_1), UTF_8);
        }
    }

    /// Answers one request.
    interface Answer {
        void to(HttpExchange exchange) throws IOException, InterruptedException;
    }

    ModelServer() {
        try {
            server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
        server.setExecutor(threads);
        server.createContext("/", this::handle);
        server.start();
    }

    private void handle(HttpExchange exchange) throws IOException {
        try (exchange) {
            byte[] body = exchange.getRequestBody().readAllBytes();
            requests.add(new Request(
                    exchange.getRequestMethod(),
                    exchange.getRequestURI().toString(),
                    String.valueOf(exchange.getRequestHeaders().getFirst("Authorization")),
                    String.valueOf(exchange.getRequestHeaders().getFirst("api-key")),
                    String.valueOf(exchange.getRequestHeaders().getFirst("Content-Type")),
                    new String(body, ISO_8859_1)));
            Answer answer;
            synchronized (answers) {
                answer = answers.size() > 1 ? answers.remove() : answers.element();
            }
            answer.to(exchange);
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
        }
    }

    /// The next request is answered so, and all later ones too if nothing else follows.
    ModelServer then(Answer answer) {
        synchronized (answers) {
            answers.add(answer);
        }
        return this;
    }

    /// A whole answer.
    static Answer whole(int status, String contentType, byte[] body) {
        return exchange -> {
            exchange.getResponseHeaders().set("Content-Type", contentType);
            exchange.sendResponseHeaders(status, body.length == 0 ? -1 : body.length);
            if (body.length > 0) {
                exchange.getResponseBody().write(body);
            }
        };
    }

    static Answer status(int status) {
        return whole(status, "application/json", "{\"error\":{\"message\":\"canary-error-body\"}}".getBytes(UTF_8));
    }

    static Answer status(int status, String retryAfter) {
        return exchange -> {
            exchange.getResponseHeaders().set("Retry-After", retryAfter);
            status(status).to(exchange);
        };
    }

    /// Server-sent events, one a line of data.
    static Answer events(List<String> data) {
        return exchange -> {
            var out = streamed(exchange);
            for (String event : data) {
                out.write(("data: " + event + "\n\n").getBytes(UTF_8));
            }
        };
    }

    /// The body of a streamed answer, whose head is sent.
    static OutputStream streamed(HttpExchange exchange) throws IOException {
        exchange.getResponseHeaders().set("Content-Type", "text/event-stream");
        exchange.sendResponseHeaders(200, 0);
        return exchange.getResponseBody();
    }

    /// Waits until the server is closed, as a provider that hangs.
    void hang() throws InterruptedException {
        if (!closing.await(30, TimeUnit.SECONDS)) {
            throw new AssertionError("nobody gave up");
        }
    }

    boolean closesWithin(Duration time) throws InterruptedException {
        return closing.await(time.toNanos(), TimeUnit.NANOSECONDS);
    }

    Request request() {
        try {
            var request = requests.poll(PATIENCE.toSeconds(), TimeUnit.SECONDS);
            if (request == null) {
                throw new AssertionError("no request came");
            }
            return request;
        } catch (InterruptedException interrupted) {
            throw new AssertionError(interrupted);
        }
    }

    int waitingRequests() {
        return requests.size();
    }

    Provider provider() {
        return Provider.insecureLoopback("simulator", base()).limits(PATIENT);
    }

    URI base() {
        return URI.create("http://127.0.0.1:" + server.getAddress().getPort() + "/v1");
    }

    ModelEndpoint endpoint() {
        return ModelEndpoint.open(provider(), Meter.none());
    }

    @Override
    public void close() {
        closing.countDown();
        server.stop(0);
        threads.shutdownNow();
    }
}
