package dev.sotto.simulator;

/// The services of a model simulator, each of which can be made to fail by itself.
public enum Service {
    /// `POST /v1/chat/completions`.
    CHAT,
    /// `POST /v1/audio/transcriptions`.
    TRANSCRIPTION,
    /// `POST /v1/audio/speech`.
    SPEECH,
    /// The upgrade to the Realtime WebSocket.
    REALTIME_CONNECT,
    /// What the Realtime recogniser makes of an utterance.
    REALTIME_HEARING,
    /// A response in a Realtime session.
    REALTIME_RESPONSE
}
