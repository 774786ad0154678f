package dev.sotto.model;

import static dev.sotto.model.ChatDraftTest.allowed;
import static dev.sotto.model.ChatDraftTest.text;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsParameters;
import com.sun.net.httpserver.HttpsServer;
import dev.sotto.core.Meter;
import dev.sotto.core.RejectedException;
import dev.sotto.core.SottoException;
import java.io.FileInputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.util.Base64;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ModelTlsTest {
    private static final ExecutorService THREADS = Executors.newVirtualThreadPerTaskExecutor();

    @TempDir
    private static Path folder;

    private static SSLContext identity;
    private static Path anchor;

    @BeforeAll
    static void identity() throws Exception {
        Path store = folder.resolve("identity.p12");
        String keytool =
                Path.of(System.getProperty("java.home"), "bin", "keytool").toString();
        var made = new ProcessBuilder(
                        keytool,
                        "-genkeypair",
                        "-alias",
                        "model",
                        "-keyalg",
                        "EC",
                        "-groupname",
                        "secp256r1",
                        "-dname",
                        "CN=localhost",
                        "-ext",
                        "san=dns:localhost",
                        "-validity",
                        "30",
                        "-storetype",
                        "PKCS12",
                        "-keystore",
                        store.toString(),
                        "-storepass",
                        "changeit")
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start();
        assertThat(made.waitFor(60, TimeUnit.SECONDS)).isTrue();
        var keys = KeyStore.getInstance("PKCS12");
        try (var in = new FileInputStream(store.toFile())) {
            keys.load(in, "changeit".toCharArray());
        }
        var managers = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        managers.init(keys, "changeit".toCharArray());
        identity = SSLContext.getInstance("TLS");
        identity.init(managers.getKeyManagers(), null, null);
        anchor = folder.resolve("anchor.pem");
        Files.writeString(
                anchor,
                "-----BEGIN CERTIFICATE-----\n"
                        + Base64.getMimeEncoder()
                                .encodeToString(keys.getCertificate("model").getEncoded())
                        + "\n-----END CERTIFICATE-----\n");
    }

    @AfterAll
    static void stop() {
        THREADS.shutdownNow();
    }

    private static HttpsServer server(String... protocols) throws IOException {
        var server = HttpsServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.setHttpsConfigurator(new HttpsConfigurator(identity) {
            @Override
            public void configure(HttpsParameters parameters) {
                var chosen = identity.getDefaultSSLParameters();
                if (protocols.length > 0) {
                    chosen.setProtocols(protocols);
                }
                parameters.setSSLParameters(chosen);
            }
        });
        server.setExecutor(THREADS);
        server.createContext("/", exchange -> {
            try (exchange) {
                exchange.sendResponseHeaders(400, -1);
            }
        });
        server.start();
        return server;
    }

    /// What comes of asking `host`; a server that was reached answers 400.
    private static ModelError outcome(HttpsServer server, String host, boolean trusting) {
        var provider = Provider.of(
                        "tls",
                        URI.create("https://%s:%d"
                                .formatted(host, server.getAddress().getPort())),
                        text("k"))
                .limits(ModelServer.PATIENT);
        try (var endpoint = ModelEndpoint.open(trusting ? provider.trustAnchors(anchor) : provider, Meter.none());
                var stream = endpoint.languageModel("m", 1).answer(allowed("hi"))) {
            var failure = catchThrowableOfType(SottoException.class, () -> stream.next(ModelServer.PATIENCE));
            return (ModelError) failure.code();
        } finally {
            server.stop(0);
        }
    }

    @Test
    void server_withATrustedCertificate_isReachedOver13And12() throws IOException {
        assertThat(outcome(server("TLSv1.3"), "localhost", true)).isEqualTo(ModelError.REQUEST_REFUSED);
        assertThat(outcome(server("TLSv1.2"), "localhost", true)).isEqualTo(ModelError.REQUEST_REFUSED);
    }

    @Test
    void server_withAnUntrustedCertificate_isNotTalkedTo() throws IOException {
        assertThat(outcome(server(), "localhost", false)).isEqualTo(ModelError.TLS_FAILED);
    }

    @Test
    void server_withACertificateOfAnotherName_isNotTalkedTo() throws IOException {
        assertThat(outcome(server(), "127.0.0.1", true)).isEqualTo(ModelError.TLS_FAILED);
    }

    @Test
    void trustAnchors_thatCannotBeRead_areRefused() throws IOException {
        Path nonsense = Files.writeString(folder.resolve("nonsense.pem"), "nonsense");
        Path empty = Files.writeString(folder.resolve("empty.pem"), "");
        Path large = Files.write(folder.resolve("large.pem"), new byte[(1 << 20) + 1]);
        for (Path unusable : new Path[] {nonsense, empty, large, folder.resolve("absent.pem")}) {
            var provider = Provider.of("tls", URI.create("https://localhost"), text("k"))
                    .trustAnchors(unusable);
            assertThatExceptionOfType(RejectedException.class)
                    .isThrownBy(() -> ModelEndpoint.open(provider, Meter.none()))
                    .satisfies(refused -> assertThat(refused.code()).isEqualTo(ModelError.PROVIDER_UNUSABLE));
        }
    }
}
