package dev.sotto.model;

import dev.sotto.core.RejectedException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.util.Collection;
import java.util.Optional;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import org.jspecify.annotations.Nullable;

/// TLS 1.2 (RFC 5246) and 1.3 (RFC 8446) as a client. The JDK's HTTP client checks the host's name by itself
/// (RFC 2818).
final class ModelTls {
    private static final long MAX_ANCHOR_BYTES = 1 << 20;
    private static final int MAX_ANCHORS = 100;

    private ModelTls() {}

    static SSLParameters parameters() {
        var parameters = new SSLParameters();
        parameters.setProtocols(new String[] {"TLSv1.3", "TLSv1.2"});
        parameters.setEndpointIdentificationAlgorithm("HTTPS");
        return parameters;
    }

    /// @throws RejectedException if the trust anchors cannot be used
    static SSLContext context(Optional<Path> trustAnchors) {
        try {
            var context = SSLContext.getInstance("TLS");
            context.init(null, trustAnchors.isPresent() ? trusting(trustAnchors.get()) : null, null);
            return context;
        } catch (GeneralSecurityException | IOException unusable) {
            throw new RejectedException(
                    ModelError.PROVIDER_UNUSABLE, "the trust anchors of the provider cannot be read", unusable);
        }
    }

    private static TrustManager @Nullable [] trusting(Path pem) throws GeneralSecurityException, IOException {
        if (Files.size(pem) > MAX_ANCHOR_BYTES) {
            throw new RejectedException(
                    ModelError.PROVIDER_UNUSABLE,
                    "the file of trust anchors must be at most %d bytes".formatted(MAX_ANCHOR_BYTES));
        }
        Collection<? extends Certificate> anchors;
        try (InputStream in = Files.newInputStream(pem)) {
            anchors = CertificateFactory.getInstance("X.509").generateCertificates(in);
        }
        if (anchors.isEmpty() || anchors.size() > MAX_ANCHORS) {
            throw new RejectedException(
                    ModelError.PROVIDER_UNUSABLE,
                    "trust anchors (%d) must be 1 to %d".formatted(anchors.size(), MAX_ANCHORS));
        }
        var store = KeyStore.getInstance("PKCS12");
        store.load(null, null);
        int number = 0;
        for (var anchor : anchors) {
            store.setCertificateEntry("anchor-" + number++, anchor);
        }
        var trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        trust.init(store);
        return trust.getTrustManagers();
    }
}
