package dev.sotto.model;

/// What is known of a provider.
public enum Health {
    /// Requests are sent.
    GOOD,
    /// It failed too often of late: nothing is sent.
    RESTING,
    /// It failed too often, and one request finds out whether it is back.
    PROBING
}
