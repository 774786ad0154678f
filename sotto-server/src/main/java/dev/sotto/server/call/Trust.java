package dev.sotto.server.call;

import dev.sotto.core.UnavailableException;
import dev.sotto.server.node.ServerError;
import java.io.IOException;
import java.net.http.HttpClient;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.CertificateFactory;
import java.time.Duration;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;

/// Whom a client of a node believes.
public final class Trust {
    private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(10);

    private Trust() {}

    /// A client that believes the local authority in `certificate` and nobody else.
    public static HttpClient only(Path certificate) {
        try (var in = Files.newInputStream(certificate)) {
            KeyStore store = KeyStore.getInstance("PKCS12");
            store.load(null, null);
            store.setCertificateEntry(
                    "authority", CertificateFactory.getInstance("X.509").generateCertificate(in));
            TrustManagerFactory trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
            trust.init(store);
            SSLContext context = SSLContext.getInstance("TLSv1.3");
            context.init(null, trust.getTrustManagers(), null);
            return builder().sslContext(context).build();
        } catch (IOException | GeneralSecurityException failure) {
            throw new UnavailableException(
                    ServerError.NODE_NOT_RUNNING,
                    "the node's certificate (%s) cannot be read\nhint: start the node with ./sotto up"
                            .formatted(certificate),
                    failure);
        }
    }

    /// A client that believes what this machine believes.
    static HttpClient system() {
        return builder().build();
    }

    private static HttpClient.Builder builder() {
        return HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_1_1)
                .connectTimeout(CONNECT_TIMEOUT)
                .followRedirects(HttpClient.Redirect.NEVER);
    }
}
