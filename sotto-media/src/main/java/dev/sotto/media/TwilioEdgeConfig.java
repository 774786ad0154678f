package dev.sotto.media;

import static java.util.Objects.requireNonNull;

import java.net.URI;
import java.time.Duration;

/// How a [TwilioEdge] listens.
///
/// @param host the address to bind, such as `127.0.0.1` or `0.0.0.0`
/// @param port the port to bind, 0 for any free one
/// @param publicUrl the address Twilio knows, `https://host[:port]` without a path: signatures are checked
///     against it, never against what a request says of itself
/// @param lead how far outbound audio runs ahead of its slot, 100 to 200 ms
public record TwilioEdgeConfig(
        String host, int port, URI publicUrl, TlsIdentity identity, Duration lead, EdgeLimits limits) {
    public static final Duration DEFAULT_LEAD = Duration.ofMillis(160);

    private static final Duration MIN_LEAD = Duration.ofMillis(100);
    private static final Duration MAX_LEAD = Duration.ofMillis(200);
    private static final int MAX_PORT = 65_535;

    public TwilioEdgeConfig {
        requireNonNull(host, "host");
        requireNonNull(identity, "identity");
        requireNonNull(limits, "limits");
        if (port < 0 || port > MAX_PORT) {
            throw new IllegalArgumentException("port (%d) must be 0 to %d".formatted(port, MAX_PORT));
        }
        if (!"https".equals(publicUrl.getScheme()) || publicUrl.getHost() == null) {
            throw new IllegalArgumentException("publicUrl (%s) must be https with a host".formatted(publicUrl));
        }
        if (publicUrl.getRawUserInfo() != null
                || publicUrl.getRawQuery() != null
                || publicUrl.getRawFragment() != null
                || !(publicUrl.getRawPath().isEmpty() || publicUrl.getRawPath().equals("/"))) {
            throw new IllegalArgumentException(
                    "publicUrl (%s) must have no user, path, query or fragment".formatted(publicUrl));
        }
        if (lead.compareTo(MIN_LEAD) < 0 || lead.compareTo(MAX_LEAD) > 0) {
            throw new IllegalArgumentException("lead (%s) must be %s to %s".formatted(lead, MIN_LEAD, MAX_LEAD));
        }
    }

    /// With the default lead and limits.
    public TwilioEdgeConfig(String host, int port, URI publicUrl, TlsIdentity identity) {
        this(host, port, publicUrl, identity, DEFAULT_LEAD, EdgeLimits.defaults());
    }
}
