package dev.sotto.server.web;

import dev.sotto.core.Meter;
import dev.sotto.media.TlsIdentity;
import dev.sotto.server.node.NodeConfig;
import dev.sotto.server.node.NodeGate;
import java.security.SecureRandom;
import java.time.Clock;

/// What the web listener is made of, given by who starts it.
///
/// @param operatorToken lets tools on this machine in
/// @param metrics what `/metrics` shows
public record WebParts(
        NodeConfig.Listener listener,
        NodeConfig.Sessions sessions,
        TlsIdentity identity,
        NodeGate gate,
        String operatorToken,
        MicrometerMeter metrics,
        Clock clock,
        SecureRandom random) {
    private static final int REQUESTS_AT_ONCE = 128;

    /// How many requests are worked on at once; more are refused.
    int requestsAtOnce() {
        return REQUESTS_AT_ONCE;
    }

    Meter meter() {
        return metrics;
    }
}
