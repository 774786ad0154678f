package dev.sotto.media;

import java.time.Duration;

/// What one peer, and all of them together, may take from the edge.
///
/// @param maxConnections sockets in all
/// @param maxConnectionsPerAddress sockets of one address; behind a proxy all share the proxy's
/// @param maxUnauthenticated sockets that are not (yet) an accepted stream
/// @param maxUnauthenticatedPerAddress of those, sockets of one address, so that one peer cannot hold all of them;
///     behind a proxy all share the proxy's: give it as many as there are in all
/// @param handshakeTimeout for the TLS handshake
/// @param requestTimeout for a whole HTTP request after the handshake
/// @param startTimeout for `start` after the upgrade
/// @param deskTimeout for each answer of the [CallDesk]
/// @param idleTimeout without any message on a stream; Twilio sends 50 a second
/// @param stallTimeout without the peer taking our audio
/// @param maxDeskCalls answers of the desk that may be awaited at once
/// @param maxMessagesPerSecond on one stream, on average; five seconds' worth may come at once after a hiccup
/// @param maxQueuedAudio that a leg holds to be played
public record EdgeLimits(
        int maxConnections,
        int maxConnectionsPerAddress,
        int maxUnauthenticated,
        int maxUnauthenticatedPerAddress,
        Duration handshakeTimeout,
        Duration requestTimeout,
        Duration startTimeout,
        Duration deskTimeout,
        Duration idleTimeout,
        Duration stallTimeout,
        int maxDeskCalls,
        int maxMessagesPerSecond,
        Duration maxQueuedAudio) {
    /// A request's body, in bytes.
    static final int MAX_BODY_BYTES = 64 * 1024;
    /// A request line, and all headers together, in bytes.
    static final int MAX_HEADER_BYTES = 8 * 1024;
    /// A WebSocket message, in bytes.
    static final int MAX_FRAME_BYTES = 64 * 1024;
    /// The audio of one `media` message: five seconds.
    static final int MAX_PAYLOAD_BYTES = 5 * AudioClip.SAMPLE_RATE_HERTZ;

    private static final Duration LONGEST_QUEUE = Duration.ofMinutes(10);

    public EdgeLimits {
        positive("maxConnections", maxConnections);
        positive("maxConnectionsPerAddress", maxConnectionsPerAddress);
        positive("maxUnauthenticated", maxUnauthenticated);
        positive("maxUnauthenticatedPerAddress", maxUnauthenticatedPerAddress);
        positive("handshakeTimeout", handshakeTimeout);
        positive("requestTimeout", requestTimeout);
        positive("startTimeout", startTimeout);
        positive("deskTimeout", deskTimeout);
        positive("idleTimeout", idleTimeout);
        positive("stallTimeout", stallTimeout);
        positive("maxDeskCalls", maxDeskCalls);
        positive("maxMessagesPerSecond", maxMessagesPerSecond);
        positive("maxQueuedAudio", maxQueuedAudio);
        if (maxQueuedAudio.compareTo(LONGEST_QUEUE) > 0) {
            throw new IllegalArgumentException(
                    "maxQueuedAudio (%s) must be at most %s".formatted(maxQueuedAudio, LONGEST_QUEUE));
        }
    }

    public static EdgeLimits defaults() {
        return new EdgeLimits(
                2_000,
                1_000,
                256,
                64,
                Duration.ofSeconds(5),
                Duration.ofSeconds(5),
                Duration.ofSeconds(5),
                Duration.ofSeconds(10),
                Duration.ofSeconds(30),
                Duration.ofSeconds(10),
                256,
                200,
                Duration.ofSeconds(60));
    }

    public EdgeLimits withConnections(int overall, int perAddress, int unauthenticated) {
        return new EdgeLimits(
                overall,
                perAddress,
                unauthenticated,
                maxUnauthenticatedPerAddress,
                handshakeTimeout,
                requestTimeout,
                startTimeout,
                deskTimeout,
                idleTimeout,
                stallTimeout,
                maxDeskCalls,
                maxMessagesPerSecond,
                maxQueuedAudio);
    }

    public EdgeLimits withUnauthenticatedPerAddress(int most) {
        return new EdgeLimits(
                maxConnections,
                maxConnectionsPerAddress,
                maxUnauthenticated,
                most,
                handshakeTimeout,
                requestTimeout,
                startTimeout,
                deskTimeout,
                idleTimeout,
                stallTimeout,
                maxDeskCalls,
                maxMessagesPerSecond,
                maxQueuedAudio);
    }

    public EdgeLimits withTimeouts(Duration handshake, Duration request, Duration start, Duration desk) {
        return new EdgeLimits(
                maxConnections,
                maxConnectionsPerAddress,
                maxUnauthenticated,
                maxUnauthenticatedPerAddress,
                handshake,
                request,
                start,
                desk,
                idleTimeout,
                stallTimeout,
                maxDeskCalls,
                maxMessagesPerSecond,
                maxQueuedAudio);
    }

    public EdgeLimits withStreams(Duration idle, Duration stall, int messagesPerSecond, Duration queuedAudio) {
        return new EdgeLimits(
                maxConnections,
                maxConnectionsPerAddress,
                maxUnauthenticated,
                maxUnauthenticatedPerAddress,
                handshakeTimeout,
                requestTimeout,
                startTimeout,
                deskTimeout,
                idle,
                stall,
                maxDeskCalls,
                messagesPerSecond,
                queuedAudio);
    }

    private static void positive(String name, int value) {
        if (value <= 0) {
            throw new IllegalArgumentException("%s (%d) must be positive".formatted(name, value));
        }
    }

    private static void positive(String name, Duration value) {
        if (!value.isPositive()) {
            throw new IllegalArgumentException("%s (%s) must be positive".formatted(name, value));
        }
    }
}
