package dev.sotto.media;

import static java.nio.charset.StandardCharsets.US_ASCII;

import dev.sotto.core.RejectedException;
import dev.sotto.core.UnavailableException;
import io.netty.handler.ssl.OpenSsl;
import io.netty.handler.ssl.OpenSslContextOption;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import java.security.GeneralSecurityException;
import java.security.Signature;
import java.security.cert.X509Certificate;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/// TLS 1.3 (RFC 8446) by BoringSSL, with the post-quantum hybrid X25519MLKEM768 as the first group. In the
/// FIPS distribution by the provider of its module instead, see [FipsTls].
final class EdgeTls {
    private static final String[] GROUPS = {"X25519MLKEM768", "X25519", "P-256"};

    private static final byte[] PROBE = "key and certificate".getBytes(US_ASCII);

    private EdgeTls() {}

    /// @throws UnavailableException if BoringSSL is not there for this platform
    /// @throws RejectedException if the key and certificates do not fit
    static SslContext server(TlsIdentity identity) {
        if (FipsTls.isPresent()) {
            checkPair(identity);
            return FipsTls.server(identity);
        }
        if (!OpenSsl.isAvailable()) {
            throw new UnavailableException(
                    MediaError.TLS_UNAVAILABLE,
                    "boringssl is not available on this platform (%s)".formatted(System.getProperty("os.arch")),
                    OpenSsl.unavailabilityCause());
        }
        checkPair(identity);
        try {
            return SslContextBuilder.forServer(identity.key(), identity.chain().toArray(X509Certificate[]::new))
                    .sslProvider(SslProvider.OPENSSL)
                    .protocols("TLSv1.3")
                    .option(OpenSslContextOption.GROUPS, GROUPS)
                    .build();
        } catch (SSLException | IllegalArgumentException unfit) {
            throw unfit(unfit);
        }
    }

    /// BoringSSL would find out at the first handshake only.
    private static void checkPair(TlsIdentity identity) {
        try {
            var certificate = identity.chain().getFirst();
            var signature = Signature.getInstance(
                    switch (identity.key().getAlgorithm()) {
                        case "RSA" -> "SHA256withRSA";
                        case "EC" -> "SHA256withECDSA";
                        default -> identity.key().getAlgorithm();
                    });
            signature.initSign(identity.key());
            signature.update(PROBE);
            byte[] signed = signature.sign();
            signature.initVerify(certificate.getPublicKey());
            signature.update(PROBE);
            if (!signature.verify(signed)) {
                throw unfit(null);
            }
        } catch (GeneralSecurityException unfit) {
            throw unfit(unfit);
        }
    }

    private static RejectedException unfit(@Nullable Exception cause) {
        return new RejectedException(
                MediaError.TLS_IDENTITY, "the listener's key and first certificate do not belong together", cause);
    }
}
