package dev.sotto.model;

import static dev.sotto.model.ChatDraftTest.allowed;
import static dev.sotto.model.ChatDraftTest.text;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.sotto.core.DeniedException;
import dev.sotto.core.LimitedException;
import dev.sotto.core.NotFoundException;
import dev.sotto.core.RejectedException;
import dev.sotto.core.SottoException;
import dev.sotto.core.UnavailableException;
import dev.sotto.testkit.FakeMeter;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ModelHttpTest {
    private static final ModelServer.Answer GOOD = ModelServer.events(
            List.of("{\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"stop\"}]}", "[DONE]"));

    private final ModelServer server = new ModelServer();
    private final FakeMeter meter = new FakeMeter();

    @AfterEach
    void stop() {
        server.close();
    }

    private static void ask(ModelEndpoint endpoint) {
        try (var stream = endpoint.languageModel("m", 100).answer(allowed("hi"))) {
            assertThat(stream.next(ModelServer.PATIENCE)).isPresent();
        }
    }

    private static SottoException failure(ModelEndpoint endpoint) {
        return catchThrowableOfType(SottoException.class, () -> ask(endpoint));
    }

    private static Provider keyed(Provider provider, String key, Provider.KeyHeader header) {
        return new Provider(
                provider.id(),
                provider.base(),
                text(key),
                header,
                "",
                provider.limits(),
                Optional.empty(),
                provider.insecureLoopback());
    }

    @ParameterizedTest
    @CsvSource({
        "400,REQUEST_REFUSED", "401,KEY_REFUSED", "403,KEY_REFUSED", "404,MODEL_UNKNOWN", "413,REQUEST_REFUSED",
        "422,REQUEST_REFUSED", "429,PROVIDER_BUSY", "500,PROVIDER_FAILED", "503,PROVIDER_FAILED", "302,REDIRECTED",
        "204,REQUEST_REFUSED"
    })
    void status_isMappedAndItsBodyNeitherReadNorQuoted(int status, ModelError code) {
        server.then(status == 204 ? ModelServer.whole(204, "text/plain", new byte[0]) : ModelServer.status(status));
        try (var endpoint = ModelEndpoint.open(server.provider(), meter)) {
            var failure = failure(endpoint);
            assertThat(failure.code()).isEqualTo(code);
            assertThat(failure).hasMessageNotContaining("canary").hasNoCause();
            assertThat(failure)
                    .isInstanceOf(
                            switch (code) {
                                case KEY_REFUSED -> DeniedException.class;
                                case MODEL_UNKNOWN -> NotFoundException.class;
                                case PROVIDER_BUSY -> LimitedException.class;
                                case PROVIDER_FAILED -> UnavailableException.class;
                                default -> RejectedException.class;
                            });
            assertThat(meter.counted(ModelMetrics.REQUESTS)).isOne();
            assertThat(meter.counted(ModelMetrics.failed(code))).isOne();
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {429, 503})
    void retry_isMadeWhenTheProviderSaysWhen(int status) {
        server.then(ModelServer.status(status, "0"))
                .then(ModelServer.status(status, "0"))
                .then(GOOD);
        try (var endpoint = ModelEndpoint.open(server.provider(), meter)) {
            ask(endpoint);
        }
        assertThat(meter.counted(ModelMetrics.RETRIES)).isEqualTo(2);
        assertThat(server.request().text()).isEqualTo(server.request().text());
    }

    @Test
    void retry_isNotMadeMoreOftenThanAllowed() {
        server.then(ModelServer.status(429, "0"));
        try (var endpoint = ModelEndpoint.open(server.provider(), meter)) {
            assertThat(failure(endpoint).code()).isEqualTo(ModelError.PROVIDER_BUSY);
        }
        assertThat(meter.counted(ModelMetrics.REQUESTS)).isEqualTo(3);
    }

    @ParameterizedTest
    @ValueSource(strings = {"21", "999999", "99999999999", "-1", "Fri, 27 Nov 2026 08:00:00 GMT", "soon"})
    void retry_thatWouldBeLateOrIsNotUnderstood_isNotMade(String retryAfter) {
        server.then(ModelServer.status(429, retryAfter)).then(GOOD);
        try (var endpoint = ModelEndpoint.open(server.provider(), meter)) {
            assertThat(failure(endpoint).code()).isEqualTo(ModelError.PROVIDER_BUSY);
        }
        assertThat(meter.counted(ModelMetrics.RETRIES)).isZero();
    }

    @Test
    void retry_afterARequestThatMayHaveArrived_isNotMade() {
        server.then(exchange -> {
                    throw new IOException("hang up before the answer");
                })
                .then(GOOD);
        try (var endpoint = ModelEndpoint.open(server.provider(), meter)) {
            assertThat(failure(endpoint).code()).isEqualTo(ModelError.SEND_FAILED);
        }
        assertThat(meter.counted(ModelMetrics.REQUESTS)).isOne();
    }

    @Test
    void retry_isMadeWhereNothingWasSent() throws IOException {
        URI nobody;
        try (var listener = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            nobody = URI.create("http://127.0.0.1:" + listener.getLocalPort());
        }
        try (var endpoint =
                ModelEndpoint.open(Provider.insecureLoopback("gone", nobody).limits(ModelServer.PATIENT), meter)) {
            assertThat(failure(endpoint).code()).isEqualTo(ModelError.CONNECT_FAILED);
        }
        assertThat(meter.counted(ModelMetrics.REQUESTS)).isEqualTo(3);
    }

    @Test
    void circuit_ofAProviderThatKeepsFailing_opensAndNothingIsSent() {
        server.then(ModelServer.status(500));
        try (var endpoint = ModelEndpoint.open(server.provider(), meter)) {
            for (int i = 0; i < CircuitBreaker.LEAST; i++) {
                assertThat(failure(endpoint).code()).isEqualTo(ModelError.PROVIDER_FAILED);
            }
            assertThat(endpoint.health()).isEqualTo(Health.RESTING);
            assertThat(failure(endpoint).code()).isEqualTo(ModelError.CIRCUIT_OPEN);
        }
        assertThat(server.waitingRequests()).isEqualTo(CircuitBreaker.LEAST);
    }

    @Test
    void circuit_afterRequestsThatWereWrong_staysAsItIs() {
        server.then(ModelServer.status(400));
        try (var endpoint = ModelEndpoint.open(server.provider(), meter)) {
            for (int i = 0; i < 10; i++) {
                failure(endpoint);
            }
            assertThat(endpoint.health()).isEqualTo(Health.GOOD);
        }
    }

    @Test
    void slots_areBoundedAndGivenBack() {
        server.then(exchange -> server.hang()).then(GOOD);
        var provider = server.provider().limits(ModelServer.PATIENT.work(1, 1));
        try (var endpoint = ModelEndpoint.open(provider, meter)) {
            try (var _ = endpoint.languageModel("m", 100).answer(allowed("hi"))) {
                server.request(); // it is on its way
                assertThat(failure(endpoint).code()).isEqualTo(ModelError.ALL_SLOTS_IN_USE);
            }
            int tries = 0;
            while (failure(endpoint) != null && tries < 100_000) { // the slot comes back when its thread has ended
                tries++;
            }
            assertThat(server.request().target()).isEqualTo("/v1/chat/completions");
        }
    }

    @Test
    void key_isShownAsTheProviderWants() {
        server.then(GOOD);
        try (var endpoint = ModelEndpoint.open(keyed(server.provider(), "sk-1", Provider.KeyHeader.BEARER), meter)) {
            ask(endpoint);
        }
        try (var endpoint = ModelEndpoint.open(keyed(server.provider(), "az-1", Provider.KeyHeader.API_KEY), meter)) {
            ask(endpoint);
        }
        try (var endpoint = ModelEndpoint.open(server.provider(), meter)) {
            ask(endpoint);
        }
        assertThat(server.request()).satisfies(bearer -> {
            assertThat(bearer.key()).isEqualTo("Bearer sk-1");
            assertThat(bearer.azureKey()).isEqualTo("null");
        });
        assertThat(server.request()).satisfies(azure -> {
            assertThat(azure.key()).isEqualTo("null");
            assertThat(azure.azureKey()).isEqualTo("az-1");
        });
        assertThat(server.request().key()).isEqualTo("null");
    }

    @Test
    void close_ofAnAnswer_hangsUpAtOnce() throws Exception {
        try (var listener = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
                var endpoint = ModelEndpoint.open(
                        Provider.insecureLoopback("slow", URI.create("http://127.0.0.1:" + listener.getLocalPort()))
                                .limits(ModelServer.PATIENT),
                        meter)) {
            var left = new CompletableFuture<Boolean>();
            var asked = new CompletableFuture<Void>();
            Thread.ofVirtual().start(() -> {
                try (var socket = listener.accept()) {
                    asked.complete(null);
                    while (socket.getInputStream().read() >= 0) {
                        // until the other side leaves
                    }
                    left.complete(true);
                } catch (IOException reset) {
                    left.complete(true);
                }
            });
            var stream = endpoint.languageModel("m", 100).answer(allowed("hi"));
            asked.get(20, TimeUnit.SECONDS);
            assertThat(stream.next(Duration.ofMillis(1))).isEmpty();
            stream.close();

            assertThat(left.get(20, TimeUnit.SECONDS)).isTrue();
        }
    }

    @Test
    void close_ofTheEndpoint_endsWhatRunsAndLeavesNoThread() {
        server.then(exchange -> server.hang());
        var provider = new Provider(
                "threads-of-this-test",
                server.base(),
                text(""),
                Provider.KeyHeader.BEARER,
                "",
                ModelServer.PATIENT,
                Optional.empty(),
                true);
        long before = httpThreads();
        var endpoint = ModelEndpoint.open(provider, meter);
        var stream = endpoint.languageModel("m", 100).answer(allowed("hi"));
        server.request();
        assertThat(httpThreads()).isGreaterThan(before);
        endpoint.close();

        assertThat(catchThrowableOfType(SottoException.class, () -> stream.next(ModelServer.PATIENCE))
                        .code())
                .isEqualTo(ModelError.INTERRUPTED);
        assertThat(httpThreads()).isEqualTo(before);
        assertThatExceptionOfType(UnavailableException.class)
                .isThrownBy(() -> endpoint.languageModel("m", 1).answer(allowed("hi")));
    }

    private static long httpThreads() {
        return Thread.getAllStackTraces().keySet().stream()
                .filter(thread -> thread.getName().startsWith("HttpClient-"))
                .count();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "http://api.example.com/v1",
                "ftp://api.example.com/v1",
                "https:///v1",
                "https://user:pass@api.example.com/v1",
                "https://api.example.com/v1#x",
                "http://10.0.0.1/v1",
                "http://127.0.0.1.example.com/v1",
                "http://localhost.example.com/v1"
            })
    void provider_thatIsNotReachedSafely_isRefused(String base) {
        assertThatExceptionOfType(RejectedException.class)
                .isThrownBy(() -> Provider.insecureLoopback("p", URI.create(base)))
                .satisfies(refused -> assertThat(refused.code()).isEqualTo(ModelError.PROVIDER_UNUSABLE))
                .withMessageNotContaining("pass");
    }

    @Test
    void provider_overPlainHttp_needsToBeNamedInsecure() {
        assertThatExceptionOfType(RejectedException.class)
                .isThrownBy(() -> Provider.of("p", URI.create("http://127.0.0.1/v1"), text("k")));
        assertThatExceptionOfType(RejectedException.class)
                .isThrownBy(() -> Provider.of("p", URI.create("https://a/v1"), text("k\r\nX: y")));
        var provider = Provider.of("p", URI.create("https://a/v1/?api-version=1"), text("canary"));
        assertThat(provider.toString()).doesNotContain("canary");
        assertThat(provider.address("http", "chat/completions", ""))
                .hasToString("https://a/v1/chat/completions?api-version=1");
        assertThat(provider.address("ws", "realtime", "model=m"))
                .hasToString("wss://a/v1/realtime?api-version=1&model=m");
    }
}
