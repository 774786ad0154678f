package dev.sotto.testkit;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.TreeMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import javax.net.ssl.SSLContext;

/// A server on a free port of the loopback interface that plays somebody else's HTTP service, and fails on demand. What
/// it answers is the test's business. Thread-safe.
public final class HttpSimulator implements AutoCloseable {
    private static final int MAX_BODY = 1 << 20;
    private static final int MAX_KEPT = 10_000;
    private static final int SILENCE_SECONDS = 60;

    static {
        System.setProperty("sun.net.httpserver.nodelay", "true"); // else each answer waits 40 ms for an ACK
    }

    /// What a client sent.
    public static final class Request {
        private final String method;
        private final URI uri;
        private final Map<String, List<String>> headers;
        private final byte[] body;

        Request(String method, URI uri, Map<String, List<String>> headers, byte[] body) {
            this.method = method;
            this.uri = uri;
            this.headers = headers;
            this.body = body;
        }

        public String method() {
            return method;
        }

        /// Path and query as they were sent.
        public URI uri() {
            return uri;
        }

        /// The values of a header, joined by commas.
        public Optional<String> header(String name) {
            return Optional.ofNullable(headers.get(name.toLowerCase(Locale.ROOT)))
                    .map(values -> String.join(",", values));
        }

        public byte[] body() {
            return body.clone();
        }

        public String text() {
            return new String(body, UTF_8);
        }
    }

    /// What it answers.
    public record Answer(int status, Map<String, String> headers, String body) {
        public Answer {
            headers = Map.copyOf(headers);
        }

        public static Answer json(int status, String body) {
            return new Answer(status, Map.of("Content-Type", "application/json"), body);
        }
    }

    /// How the service of a test behaves when nothing is wrong.
    @FunctionalInterface
    public interface Service {
        Answer answer(Request request);
    }

    private enum Break {
        HALF,
        HANG_UP
    }

    private final HttpServer server;
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private final Service service;
    private final Queue<Object> faults = new ArrayDeque<>();
    private final List<Request> requests = new ArrayList<>();
    private final AtomicInteger asked = new AtomicInteger();
    private volatile CountDownLatch silence = new CountDownLatch(0);

    private HttpSimulator(HttpServer server, Service service) {
        this.server = server;
        this.service = service;
        server.createContext("/", this::handle);
        server.setExecutor(threads);
        server.start();
    }

    /// Speaks HTTP in clear.
    public static HttpSimulator http(Service service) {
        try {
            return new HttpSimulator(HttpServer.create(loopback(), 0), service);
        } catch (IOException noSocket) {
            throw new UncheckedIOException(noSocket);
        }
    }

    public static HttpSimulator https(SSLContext tls, Service service) {
        try {
            var server = HttpsServer.create(loopback(), 0);
            server.setHttpsConfigurator(new HttpsConfigurator(tls));
            return new HttpSimulator(server, service);
        } catch (IOException noSocket) {
            throw new UncheckedIOException(noSocket);
        }
    }

    private static InetSocketAddress loopback() {
        return new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
    }

    public int port() {
        return server.getAddress().getPort();
    }

    /// The next `times` requests get this instead of an answer of the service.
    public void answerNext(int times, Answer answer) {
        fault(times, answer);
    }

    /// The next `times` answers break off in the middle of their body.
    public void halveNext(int times) {
        fault(times, Break.HALF);
    }

    /// The next `times` connections are closed without an answer.
    public void hangUpNext(int times) {
        fault(times, Break.HANG_UP);
    }

    /// Takes requests and answers none, until [#speak()].
    public void fallSilent() {
        silence = new CountDownLatch(1);
    }

    public void speak() {
        silence.countDown();
    }

    /// How many requests came.
    public int asked() {
        return asked.get();
    }

    /// The first of them, up to a bound.
    public List<Request> requests() {
        synchronized (requests) {
            return List.copyOf(requests);
        }
    }

    @Override
    public void close() {
        speak();
        server.stop(0);
        threads.shutdownNow();
    }

    private void fault(int times, Object fault) {
        synchronized (faults) {
            for (int i = 0; i < times; i++) {
                faults.add(fault);
            }
        }
    }

    private void handle(HttpExchange exchange) throws IOException {
        try (exchange) {
            var request = read(exchange);
            asked.incrementAndGet();
            if (silence.getCount() > 0) {
                silence.await(SILENCE_SECONDS, TimeUnit.SECONDS);
                return;
            }
            Object fault;
            synchronized (faults) {
                fault = faults.poll();
            }
            if (fault == Break.HANG_UP) {
                return;
            }
            var answer = fault instanceof Answer given ? given : service.answer(request);
            answer.headers().forEach(exchange.getResponseHeaders()::set);
            byte[] body = answer.body().getBytes(UTF_8);
            exchange.sendResponseHeaders(answer.status(), body.length == 0 ? -1 : body.length);
            if (body.length == 0) {
                return;
            }
            exchange.getResponseBody().write(fault == Break.HALF ? Arrays.copyOf(body, body.length / 2) : body);
            exchange.getResponseBody().flush();
        } catch (InterruptedException closed) {
            Thread.currentThread().interrupt();
        }
    }

    private Request read(HttpExchange exchange) throws IOException {
        var headers = new TreeMap<String, List<String>>();
        exchange.getRequestHeaders()
                .forEach((name, values) -> headers.put(name.toLowerCase(Locale.ROOT), List.copyOf(values)));
        byte[] body = exchange.getRequestBody().readNBytes(MAX_BODY);
        var request = new Request(exchange.getRequestMethod(), exchange.getRequestURI(), headers, body);
        synchronized (requests) {
            if (requests.size() < MAX_KEPT) {
                requests.add(request);
            }
        }
        return request;
    }
}
