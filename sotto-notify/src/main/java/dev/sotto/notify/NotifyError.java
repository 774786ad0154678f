package dev.sotto.notify;

import dev.sotto.core.ErrorCode;

/// Why a notice could not be sent. What the other side answered, a number, may follow the code.
public enum NotifyError implements ErrorCode {
    /// An endpoint is described in a way that cannot be used.
    ENDPOINT_INVALID,
    /// A signing secret is not of the form `whsec_` and base64 of 24 to 64 bytes.
    SIGNING_SECRET_INVALID,
    /// The other side could not be reached.
    CONNECT_FAILED,
    /// No TLS session could be made: the certificate is not believed, or not for this name, or TLS is not offered.
    TLS_FAILED,
    /// The other side did not answer in time.
    TIMED_OUT,
    /// The connection broke before an answer came; it may have been taken.
    CONNECTION_LOST,
    /// The other side answered, and did not take it.
    NOT_TAKEN,
    /// The other side wants it sent elsewhere, which is not done.
    REDIRECTED,
    /// The mail server does not take the login.
    LOGIN_REFUSED,
    /// Its time was over before it could be sent.
    EXPIRED
}
