package dev.sotto.server.call;

import dev.sotto.core.UnavailableException;
import dev.sotto.server.node.ServerError;
import java.io.IOException;
import java.io.InputStream;
import java.net.http.HttpClient;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509TrustManager;
import org.jspecify.annotations.Nullable;

/// Whose certificates a caller believes. Host names are checked in any case. Thread-safe.
public final class PeerTrust {
    private static final Duration CONNECT = Duration.ofSeconds(10);
    private static final String[] PROTOCOLS = {"TLSv1.3"};

    private final SSLContext context;

    private PeerTrust(SSLContext context) {
        this.context = context;
    }

    /// The authorities the JVM trusts.
    public static PeerTrust system() {
        return of(List.of());
    }

    /// The authorities the JVM trusts, and a node's own in the PEM file `authority`.
    ///
    /// @throws UnavailableException if the file holds no certificate
    public static PeerTrust withAuthority(Path authority) {
        try (InputStream pem = Files.newInputStream(authority)) {
            Collection<? extends Certificate> read =
                    CertificateFactory.getInstance("X.509").generateCertificates(pem);
            return of(read.stream().map(X509Certificate.class::cast).toList());
        } catch (IOException | GeneralSecurityException | ClassCastException unusable) {
            throw new UnavailableException(
                    ServerError.CERTIFICATE_UNUSABLE,
                    "the node's certificate authority (%s) cannot be read\nhint: ./sotto up writes it"
                            .formatted(authority),
                    unusable);
        }
    }

    /// The authorities the JVM trusts, and `extra`.
    public static PeerTrust of(Collection<X509Certificate> extra) {
        try {
            KeyStore anchors = KeyStore.getInstance("PKCS12");
            anchors.load(null, null);
            int number = 0;
            for (X509Certificate issuer : system(null).getAcceptedIssuers()) {
                anchors.setCertificateEntry("system-" + number++, issuer);
            }
            for (X509Certificate certificate : extra) {
                anchors.setCertificateEntry("extra-" + number++, certificate);
            }
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(null, new X509TrustManager[] {system(anchors)}, null);
            return new PeerTrust(context);
        } catch (GeneralSecurityException | IOException failure) {
            throw new IllegalStateException("the JVM's trusted authorities cannot be read", failure);
        }
    }

    private static X509TrustManager system(@Nullable KeyStore anchors) throws GeneralSecurityException {
        TrustManagerFactory factory = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        factory.init(anchors);
        return Arrays.stream(factory.getTrustManagers())
                .filter(X509TrustManager.class::isInstance)
                .map(X509TrustManager.class::cast)
                .findFirst()
                .orElseThrow(() -> new GeneralSecurityException("no X.509 trust manager"));
    }

    /// A client that speaks TLS 1.3 and nothing older, to whom it believes, and follows no redirect.
    public HttpClient.Builder client() {
        return HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_1_1)
                .followRedirects(HttpClient.Redirect.NEVER)
                .connectTimeout(CONNECT)
                .sslContext(context)
                .sslParameters(new SSLParameters(null, PROTOCOLS));
    }
}
