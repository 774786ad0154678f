package dev.sotto.media;

import dev.sotto.core.ErrorCode;

/// Why something in media failed.
public enum MediaError implements ErrorCode {
    /// A leg's outbound queue is full.
    QUEUE_FULL,
    /// The listener could not be opened.
    LISTEN_FAILED,
    /// BoringSSL is not available on this platform.
    TLS_UNAVAILABLE,
    /// The key or certificates cannot be used.
    TLS_IDENTITY,
    /// A WAV file breaks a rule named in the message.
    MALFORMED_WAV,
    /// A WAV file is over a limit.
    WAV_TOO_LARGE
}
