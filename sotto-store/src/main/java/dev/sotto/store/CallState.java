package dev.sotto.store;

/// How far a call has come.
public enum CallState {
    /// Accepted from the carrier; its stream has not connected yet.
    OFFERED,
    /// Its stream is connected to a node.
    CONNECTED,
    /// Over, with an outcome.
    ENDED
}
