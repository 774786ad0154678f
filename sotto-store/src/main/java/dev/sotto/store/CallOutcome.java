package dev.sotto.store;

/// How a call ended.
public enum CallOutcome {
    /// The caller hung up.
    HUNG_UP,
    /// Handed to a person.
    TRANSFERRED,
    /// Something Sotto needs did not work; the caller was told so.
    FAILED,
    /// The agent said goodbye.
    COMPLETED,
    /// Its node died, or its stream never came.
    LOST,
    /// The caller left a message.
    VOICEMAIL
}
