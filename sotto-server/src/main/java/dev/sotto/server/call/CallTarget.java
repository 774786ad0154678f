package dev.sotto.server.call;

import dev.sotto.audit.TrustedKeys;
import dev.sotto.core.SensitiveText;
import java.net.URI;
import java.util.Optional;

/// Where a call goes, and what of it can be read along.
///
/// @param voiceUrl the webhook, whole
/// @param to the number that is called
/// @param name what to call the other side on paper
/// @param node the API that shows the call, if this machine may ask it
public record CallTarget(
        URI voiceUrl, CarrierAccount account, String to, String name, PeerTrust trust, Optional<Node> node) {
    private static final String VOICE = "/twilio/voice";

    /// A node whose API this machine may ask.
    ///
    /// @param tenant whose call it is
    /// @param auditKeys what checkpoints of its log are trusted under
    public record Node(URI api, SensitiveText operatorToken, String tenant, TrustedKeys auditKeys) {}

    /// The webhook at `url`, which may leave out the path.
    public static URI voiceUrl(URI url) {
        String path = url.getRawPath();
        return path == null || path.isEmpty() || path.equals("/") ? url.resolve(VOICE) : url;
    }

    /// Whether both are on the same host and port.
    public static boolean sameListener(URI one, URI other) {
        return one.getHost() != null
                && one.getHost().equalsIgnoreCase(other.getHost())
                && port(one) == port(other);
    }

    private static int port(URI url) {
        return url.getPort() < 0 ? 443 : url.getPort();
    }
}
