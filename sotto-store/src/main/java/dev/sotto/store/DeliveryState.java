package dev.sotto.store;

/// Where a delivery stands.
public enum DeliveryState {
    /// It is tried until it is sent or its time is over.
    WAITING,
    /// The endpoint took it.
    SENT,
    /// Register or policy do not allow it: nothing was sent.
    DENIED,
    /// It was given up.
    FAILED
}
