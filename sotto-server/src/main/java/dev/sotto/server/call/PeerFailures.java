package dev.sotto.server.call;

import dev.sotto.core.IntegrityException;
import dev.sotto.core.SottoException;
import dev.sotto.core.UnavailableException;
import dev.sotto.server.node.ServerError;
import java.io.IOException;
import java.net.ConnectException;
import java.net.URI;
import java.net.http.HttpTimeoutException;
import java.nio.channels.UnresolvedAddressException;
import java.security.GeneralSecurityException;
import java.security.cert.CertificateException;
import java.util.Optional;
import javax.net.ssl.SSLException;

/// Why the other side could not be spoken to, in one line.
final class PeerFailures {
    private static final int MAX_CAUSES = 16;

    private PeerFailures() {}

    static SottoException of(IOException failure, URI peer) {
        String where = peer.getAuthority();
        if (caused(failure, CertificateException.class) || untrusted(failure)) {
            return new IntegrityException(
                    ServerError.CERTIFICATE_UNUSABLE,
                    "the certificate of %s is not trusted\nhint: for a node of this machine name its folder with --data DIR"
                            .formatted(where),
                    failure);
        }
        if (caused(failure, SSLException.class)) {
            return unavailable("%s does not speak tls 1.3".formatted(where), failure);
        }
        if (failure instanceof HttpTimeoutException) {
            return unavailable("%s does not answer in time".formatted(where), failure);
        }
        if (caused(failure, ConnectException.class) || caused(failure, UnresolvedAddressException.class)) {
            return unavailable(
                    "nothing answers at %s\nhint: ./sotto up --demo starts a node".formatted(where), failure);
        }
        return unavailable("the connection to %s broke".formatted(where), failure);
    }

    static UnavailableException interrupted(InterruptedException interrupted) {
        Thread.currentThread().interrupt();
        return new UnavailableException(ServerError.CALL_FAILED, "the call was interrupted", interrupted);
    }

    private static UnavailableException unavailable(String message, IOException cause) {
        return new UnavailableException(ServerError.CALL_FAILED, message, cause);
    }

    private static boolean untrusted(Throwable failure) {
        return find(failure, GeneralSecurityException.class)
                .map(cause -> cause.getClass().getName())
                .filter(name -> name.contains("CertPath"))
                .isPresent();
    }

    private static boolean caused(Throwable failure, Class<? extends Throwable> by) {
        return find(failure, by).isPresent();
    }

    private static <T extends Throwable> Optional<T> find(Throwable failure, Class<T> wanted) {
        Throwable cause = failure;
        for (int i = 0; i < MAX_CAUSES && cause != null; i++) {
            if (wanted.isInstance(cause)) {
                return Optional.of(wanted.cast(cause));
            }
            cause = cause.getCause();
        }
        return Optional.empty();
    }
}
