package dev.sotto.server.node;

/// Whether a scripted simulator talks with callers, and how.
public enum Simulated {
    NO,
    STRICT,
    GATED
}
