package dev.sotto.core;

/// Why something in the core was refused.
public enum CoreError implements ErrorCode {
    /// An id was not 26 characters of Crockford base 32.
    MALFORMED_ID,
    /// No data class has the given code.
    UNKNOWN_DATA_CLASS,
    /// The certificates that a TLS client should believe cannot be read.
    TRUST_ANCHORS_UNUSABLE
}
