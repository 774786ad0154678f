package dev.sotto.model;

import dev.sotto.core.RejectedException;
import dev.sotto.core.TrustAnchors;
import java.nio.file.Path;
import java.util.Optional;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;

/// TLS 1.2 (RFC 5246) and 1.3 (RFC 8446) as a client. The JDK's HTTP client checks the host's name by itself
/// (RFC 2818).
final class ModelTls {
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
            return TrustAnchors.context(trustAnchors);
        } catch (RejectedException unusable) {
            throw new RejectedException(
                    ModelError.PROVIDER_UNUSABLE, "the trust anchors of the provider cannot be used", unusable);
        }
    }
}
