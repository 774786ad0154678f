package dev.sotto.store;

/// What of a sealed recording is shown to whoever opens it. Its audit entry says which.
public enum RecordingView {
    /// The sound itself.
    AUDIO,
    /// How loud it is over time, and nothing that could be understood.
    PEAKS
}
