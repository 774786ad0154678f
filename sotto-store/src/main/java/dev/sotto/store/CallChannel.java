package dev.sotto.store;

/// What carries a call.
public enum CallChannel {
    /// Sound, to and from a carrier.
    VOICE,
    /// Text, to and from the page of a visitor.
    CHAT,
    /// Text, to and from a carrier that transcribes and speaks.
    RELAY
}
