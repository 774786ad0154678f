package dev.sotto.media;

/// Why a leg closed.
public enum CloseReason {
    /// Twilio sent `stop`: the caller hung up or the call was moved on.
    STOPPED,
    /// The peer closed the socket without `stop`, or the connection broke.
    PEER_CLOSED,
    /// [CallLeg#close()].
    LEG_CLOSED,
    /// The peer broke the protocol or a limit; the desk saw a [Refusal].
    REFUSED,
    /// Nothing came for [EdgeLimits#idleTimeout()].
    IDLE,
    /// The peer did not take our audio for [EdgeLimits#stallTimeout()].
    STALLED,
    /// The edge is shutting down.
    EDGE_CLOSED,
    /// Sotto itself failed: a listener threw. The log says more.
    FAILED
}
