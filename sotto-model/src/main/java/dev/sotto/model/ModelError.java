package dev.sotto.model;

import dev.sotto.core.ErrorCode;

/// Why a model could not be used.
public enum ModelError implements ErrorCode {
    /// A provider's base URL, key, region or trust anchors cannot be used.
    PROVIDER_UNUSABLE,
    /// The provider failed too often of late; nothing was sent.
    CIRCUIT_OPEN,
    /// All requests that may run at once against this provider are running; nothing was sent.
    ALL_SLOTS_IN_USE,
    /// No connection could be made; nothing was sent.
    CONNECT_FAILED,
    /// No TLS session could be made, or the certificate is not trusted or not for this host; nothing was sent.
    TLS_FAILED,
    /// The connection broke before the answer began.
    SEND_FAILED,
    /// No answer began in time.
    FIRST_BYTE_LATE,
    /// The answer stopped for too long.
    ANSWER_STALLED,
    /// The answer went on for too long.
    ANSWER_TOO_LONG,
    /// Who asked did not take the answer in time.
    TAKEN_TOO_SLOWLY,
    /// The answer has more bytes, events, calls or characters than are taken.
    ANSWER_TOO_LARGE,
    /// The answer is not what the protocol says.
    ANSWER_BROKEN,
    /// The answer ended before it was whole.
    ANSWER_CUT,
    /// The provider does not accept the key.
    KEY_REFUSED,
    /// The provider does not know the model or path.
    MODEL_UNKNOWN,
    /// The provider does not accept the request.
    REQUEST_REFUSED,
    /// The provider throttles.
    PROVIDER_BUSY,
    /// The provider reports a fault of its own.
    PROVIDER_FAILED,
    /// The provider answered with a redirect, which is never followed.
    REDIRECTED,
    /// The provider speaks an audio format that is not taken.
    AUDIO_FORMAT,
    /// The passage under which audio may be sent is not open.
    PASSAGE_CLOSED,
    /// The stream or session was closed on our side.
    CANCELLED,
    /// The waiting thread was interrupted.
    INTERRUPTED,
    /// The provider closed the realtime session.
    SESSION_ENDED,
    /// The realtime session gave no sign of life in time.
    SESSION_STALLED,
    /// The realtime session reached the length that is allowed.
    SESSION_TOO_LONG,
    /// More waits to be sent or taken in a realtime session than is allowed.
    SESSION_OVERRUN,
    /// The model kept responding without being asked to.
    RESPONSE_UNASKED
}
