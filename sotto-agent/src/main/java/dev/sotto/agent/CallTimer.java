package dev.sotto.agent;

/// What a call may be waiting for. At most one of each runs in a call.
enum CallTimer {
    /// The caller should press something.
    NO_INPUT,
    /// The caller should press the next key, or pound.
    INTER_KEY,
    /// A mark should have come back.
    PLAYED,
    /// A message may not be longer.
    MESSAGE_LIMIT,
    /// The caller may be done with the message.
    MESSAGE_SILENCE,
    /// The call may not be longer.
    CALL_LIMIT
}
