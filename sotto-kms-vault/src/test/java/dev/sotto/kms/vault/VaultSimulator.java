package dev.sotto.kms.vault;

import static java.nio.charset.StandardCharsets.US_ASCII;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import dev.sotto.keys.KmsCallLimits;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// A simulator of Vault's and OpenBao's HTTP API, as far as [VaultKms] uses it, over TLS. It encrypts for real and
/// checks method, path, headers, token and every field of every request; what is wrong is kept in [#complaints()].
/// Written from the public API pages and the OpenBao source; no real server was at hand to compare it with.
final class VaultSimulator implements AutoCloseable {
    static final String ROLE_ID = "role-7c1";
    static final String SECRET_ID = "secret-half-5e2f90";
    static final String JWT = "eyJhbGciOi.service-account.c2ln";
    static final String NAMESPACE = "clinics/north";

    private static final JsonMapper MAPPER = new JsonMapper();

    static {
        System.setProperty("sun.net.httpserver.nodelay", "true");
    }

    final Map<String, TransitEngine> engines =
            Map.of("transit", new TransitEngine(), "tenants/t1", new TransitEngine());
    final AtomicInteger logins = new AtomicInteger();
    final AtomicInteger renewals = new AtomicInteger();
    private final HttpsServer server;
    private final Path anchors;
    private final Set<String> tokens = ConcurrentHashMap.newKeySet();
    private final Queue<Fault> faults = new ConcurrentLinkedQueue<>();
    private final List<String> complaints = new CopyOnWriteArrayList<>();
    private final List<String> requests = new CopyOnWriteArrayList<>();
    private volatile @Nullable CountDownLatch silence;
    private volatile long leaseSeconds = 3600;
    private volatile boolean renewable = true;
    private volatile boolean refusesLogins;

    /// What the next request to an engine gets in place of an answer.
    sealed interface Fault {
        record Status(int code, Map<String, String> headers) implements Fault {}

        record Body(String text) implements Fault {}

        record HalfAnswer() implements Fault {}
    }

    VaultSimulator(TestIdentity identity, Path anchors) throws IOException {
        this.anchors = anchors;
        this.server = HttpsServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.setHttpsConfigurator(new HttpsConfigurator(identity.server()));
        server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
        server.createContext("/", this::handle);
        server.start();
    }

    URI address() {
        return URI.create("https://localhost:" + server.getAddress().getPort());
    }

    Path anchors() {
        return anchors;
    }

    List<String> complaints() {
        return complaints;
    }

    /// Method and path of each request.
    List<String> requests() {
        return requests;
    }

    Set<String> tokens() {
        return tokens;
    }

    void next(Fault... inOrder) {
        faults.addAll(List.of(inOrder));
    }

    void next(int... statuses) {
        for (int status : statuses) {
            faults.add(new Fault.Status(status, Map.of()));
        }
    }

    void forgetFaults() {
        faults.clear();
    }

    void lease(Duration life, boolean mayBeRenewed) {
        leaseSeconds = life.toSeconds();
        renewable = mayBeRenewed;
    }

    void revokeAllTokens() {
        tokens.clear();
    }

    void refuseLogins(boolean refuse) {
        refusesLogins = refuse;
    }

    void fallSilent() {
        silence = new CountDownLatch(1);
    }

    void answerAgain() {
        var ended = silence;
        silence = null;
        if (ended != null) {
            ended.countDown();
        }
    }

    @Override
    public void close() {
        answerAgain();
        server.stop(0);
    }

    private void handle(HttpExchange exchange) throws IOException {
        try (exchange) {
            waitWhileSilent();
            var path = exchange.getRequestURI().getRawPath();
            requests.add(exchange.getRequestMethod() + " " + path);
            byte[] body = exchange.getRequestBody().readAllBytes();
            checkHeaders(exchange, path);
            if (path.startsWith("/v1/auth/")) {
                auth(exchange, path, body);
            } else {
                engine(exchange, path, body);
            }
        } catch (RuntimeException failure) {
            complaints.add("simulator failed: " + failure);
            throw failure;
        }
    }

    private void checkHeaders(HttpExchange exchange, String path) {
        var headers = exchange.getRequestHeaders();
        if (!"true".equals(headers.getFirst("X-Vault-Request"))) {
            complaints.add("no X-Vault-Request on " + path);
        }
        if (!NAMESPACE.equals(headers.getFirst("X-Vault-Namespace"))) {
            complaints.add("no namespace on " + path);
        }
        if (exchange.getRequestURI().getRawQuery() != null) {
            complaints.add("a query on " + path);
        }
        if (exchange.getRequestMethod().equals("POST")
                && !"application/json".equals(headers.getFirst("Content-Type"))) {
            complaints.add("no JSON content type on " + path);
        }
    }

    private void auth(HttpExchange exchange, String path, byte[] body) throws IOException {
        var json = MAPPER.readTree(body);
        var token = exchange.getRequestHeaders().getFirst("X-Vault-Token");
        switch (path) {
            case "/v1/auth/approle/login" -> {
                fields(json, "role_id", "secret_id");
                login(
                        exchange,
                        ROLE_ID.equals(json.path("role_id").asString())
                                && SECRET_ID.equals(json.path("secret_id").asString()),
                        token);
            }
            case "/v1/auth/clusters/kube-1/login" -> {
                fields(json, "role", "jwt");
                login(
                        exchange,
                        "sotto".equals(json.path("role").asString())
                                && JWT.equals(json.path("jwt").asString()),
                        token);
            }
            case "/v1/auth/token/renew-self" -> {
                renewals.incrementAndGet();
                if (token == null || !tokens.contains(token) || !renewable) {
                    answer(exchange, 403, Map.of("errors", List.of("permission denied")));
                } else {
                    answer(exchange, 200, Map.of("auth", auth(token)));
                }
            }
            default -> answer(exchange, 404, Map.of("errors", List.of()));
        }
    }

    private void login(HttpExchange exchange, boolean known, @Nullable String token) throws IOException {
        logins.incrementAndGet();
        if (token != null) {
            complaints.add("a token shown at a login");
        }
        if (!known || refusesLogins) {
            answer(exchange, known ? 403 : 400, Map.of("errors", List.of("invalid role or secret ID")));
            return;
        }
        var fresh = "hvs." + UUID.randomUUID();
        tokens.add(fresh);
        answer(exchange, 200, Map.of("auth", auth(fresh)));
    }

    private Map<String, Object> auth(String token) {
        return Map.of("client_token", token, "lease_duration", leaseSeconds, "renewable", renewable);
    }

    private void engine(HttpExchange exchange, String path, byte[] body) throws IOException {
        var token = exchange.getRequestHeaders().getFirst("X-Vault-Token");
        if (token == null || !tokens.contains(token)) {
            answer(exchange, 403, Map.of("errors", List.of("permission denied")));
            return;
        }
        var fault = faults.poll();
        if (fault != null) {
            inject(exchange, fault);
            return;
        }
        var engine = engines.entrySet().stream()
                .filter(each -> path.startsWith("/v1/" + each.getKey() + "/"))
                .findFirst();
        if (engine.isEmpty()) {
            answer(exchange, 404, Map.of("errors", List.of("no handler for route")));
            return;
        }
        var rest = path.substring("/v1/".length() + engine.get().getKey().length() + 1)
                .split("/", 2);
        var reply = operate(engine.get().getValue(), exchange.getRequestMethod(), rest[0], rest[1], body);
        answer(exchange, reply.status(), reply.body());
    }

    private TransitEngine.Reply operate(
            TransitEngine engine, String method, String operation, String key, byte[] body) {
        if (operation.equals("keys") && method.equals("GET")) {
            return engine.describe(key);
        }
        if (!method.equals("POST")) {
            complaints.add(method + " on " + operation);
            return TransitEngine.refused("unsupported operation");
        }
        var json = MAPPER.readTree(body);
        return switch (operation) {
            case "encrypt" -> {
                fields(json, "plaintext", engine.isDerived(key) ? "context" : "associated_data");
                yield engine.encrypt(key, json);
            }
            case "decrypt" -> {
                fields(json, "ciphertext", engine.isDerived(key) ? "context" : "associated_data");
                yield engine.decrypt(key, json);
            }
            case "rewrap" -> {
                fields(json, "ciphertext", "context");
                yield engine.rewrap(key, json);
            }
            default -> {
                complaints.add("operation " + operation);
                yield TransitEngine.refused("unsupported operation");
            }
        };
    }

    private void fields(JsonNode json, String... expected) {
        if (!Set.copyOf(json.propertyNames()).equals(Set.of(expected))) {
            complaints.add("fields %s instead of %s".formatted(json.propertyNames(), List.of(expected)));
        }
    }

    private void inject(HttpExchange exchange, Fault fault) throws IOException {
        switch (fault) {
            case Fault.Status(int code, Map<String, String> headers) -> {
                headers.forEach(exchange.getResponseHeaders()::add);
                answer(exchange, code, Map.of("errors", List.of("injected")));
            }
            case Fault.Body(String text) -> raw(exchange, 200, text.getBytes(US_ASCII));
            case Fault.HalfAnswer() -> {
                exchange.sendResponseHeaders(200, 1_000);
                exchange.getResponseBody().write("{\"data\":{\"plain".getBytes(US_ASCII));
                exchange.getResponseBody().flush();
            }
        }
    }

    private static void answer(HttpExchange exchange, int status, Map<String, Object> body) throws IOException {
        var whole = new TreeMap<String, Object>(body);
        whole.put("request_id", UUID.randomUUID().toString());
        raw(exchange, status, MAPPER.writeValueAsBytes(whole));
    }

    private static void raw(HttpExchange exchange, int status, byte[] body) throws IOException {
        exchange.getResponseHeaders().add("Content-Type", "application/json");
        exchange.sendResponseHeaders(status, body.length);
        exchange.getResponseBody().write(body);
    }

    private void waitWhileSilent() throws IOException {
        var latch = silence;
        try {
            if (latch != null && !latch.await(60, TimeUnit.SECONDS)) {
                throw new IOException("silent for too long");
            }
        } catch (InterruptedException stopped) {
            throw new IOException(stopped);
        }
    }

    VaultConfig config(VaultLogin login, KmsCallLimits limits) {
        return new VaultConfig(
                address(), Optional.of(NAMESPACE), engines.keySet(), login, Optional.of(anchors), limits);
    }
}
