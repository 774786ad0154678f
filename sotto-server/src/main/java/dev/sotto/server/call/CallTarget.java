package dev.sotto.server.call;

import dev.sotto.audit.TrustedKeys;
import dev.sotto.core.RejectedException;
import dev.sotto.server.node.ServerError;
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
    public record Node(NodeClient client, String tenant, TrustedKeys auditKeys) {}

    /// The webhook at `url`, which may leave out the path.
    static URI voiceUrl(URI url) {
        if (!"https".equals(url.getScheme()) || url.getHost() == null) {
            throw new RejectedException(
                    ServerError.ARGUMENT_INVALID, "url (%s) must be https with a host".formatted(url));
        }
        String path = url.getRawPath();
        return path == null || path.isEmpty() || path.equals("/") ? url.resolve(VOICE) : url;
    }
}
