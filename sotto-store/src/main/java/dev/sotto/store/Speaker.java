package dev.sotto.store;

/// Whose turn it was.
public enum Speaker {
    CALLER,
    AGENT,
    SYSTEM
}
