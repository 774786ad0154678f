package dev.sotto.core;

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
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import org.jspecify.annotations.Nullable;

/// Whom a TLS client believes.
public final class TrustAnchors {
    private static final long MAX_ANCHOR_BYTES = 1 << 20;
    private static final int MAX_ANCHORS = 100;

    private TrustAnchors() {}

    /// A client's TLS that believes the certificates in `pem` only, 1 to 100 of them, or those of the platform.
    ///
    /// @throws RejectedException if the file cannot be used
    public static SSLContext context(Optional<Path> pem) {
        try {
            var context = SSLContext.getInstance("TLS");
            context.init(null, pem.isPresent() ? trusting(pem.get()) : null, null);
            return context;
        } catch (GeneralSecurityException | IOException unusable) {
            throw new RejectedException(
                    CoreError.TRUST_ANCHORS_UNUSABLE, "the file of trust anchors cannot be read", unusable);
        }
    }

    private static TrustManager @Nullable [] trusting(Path pem) throws GeneralSecurityException, IOException {
        if (Files.size(pem) > MAX_ANCHOR_BYTES) {
            throw new RejectedException(
                    CoreError.TRUST_ANCHORS_UNUSABLE,
                    "the file of trust anchors must be at most %d bytes".formatted(MAX_ANCHOR_BYTES));
        }
        Collection<? extends Certificate> anchors;
        try (InputStream in = Files.newInputStream(pem)) {
            anchors = CertificateFactory.getInstance("X.509").generateCertificates(in);
        }
        if (anchors.isEmpty() || anchors.size() > MAX_ANCHORS) {
            throw new RejectedException(
                    CoreError.TRUST_ANCHORS_UNUSABLE,
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
