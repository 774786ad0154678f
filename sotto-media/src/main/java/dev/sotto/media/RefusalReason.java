package dev.sotto.media;

/// Why the edge refused something. Each is counted as `media.refused.` and its name in lower case.
public enum RefusalReason {
    /// More connections than allowed, overall or of one address, or too many that are not authenticated.
    TOO_MANY_CONNECTIONS,
    /// No TLS handshake that we accept, in time.
    TLS_HANDSHAKE,
    /// No whole request in time.
    REQUEST_TIMEOUT,
    /// Not HTTP, a second request on a connection, or a header limit.
    MALFORMED_REQUEST,
    /// No such route or method.
    UNKNOWN_ROUTE,
    /// A body over the limit.
    BODY_TOO_LARGE,
    /// No signature, a wrong one, or an account that is not ours.
    BAD_SIGNATURE,
    /// Signed, but a field is missing or against its rule.
    BAD_FIELD,
    /// A request of a chat that does not come from our own page.
    BAD_ORIGIN,
    /// A visitor, or all of them, have as many chats as may be.
    TOO_MANY_CHATS,
    /// Not a WebSocket upgrade.
    BAD_UPGRADE,
    /// The desk threw, was late, or all its places were taken.
    DESK_UNAVAILABLE,
    /// No `start` in time.
    START_TIMEOUT,
    /// The desk did not accept the stream: wrong, used or expired token.
    BAD_TOKEN,
    /// `connected` twice or late.
    REPEATED_CONNECTED,
    /// `start` before `connected`.
    START_BEFORE_CONNECTED,
    /// A second `start`.
    REPEATED_START,
    /// `media`, `dtmf`, `mark` or `stop` before `start`.
    BEFORE_START,
    /// A stream sid other than that of `start`.
    WRONG_STREAM,
    /// An account sid other than the one the upgrade was signed for.
    WRONG_ACCOUNT,
    /// A media format other than mu-law, 8000 Hz, one channel.
    WRONG_FORMAT,
    /// A sequence number that goes backwards.
    WRONG_SEQUENCE,
    /// Not UTF-8 JSON of an object, nested too deep, or with a repeated field.
    BAD_JSON,
    /// A known message with a field missing or against its rule.
    BAD_MESSAGE,
    /// A payload that is not strict base64 (RFC 4648 section 4), empty, or too long.
    BAD_PAYLOAD,
    /// A frame over the limit.
    FRAME_TOO_LARGE,
    /// A binary frame.
    BINARY_FRAME,
    /// A frame against RFC 6455.
    BAD_FRAME,
    /// More messages a second than allowed.
    TOO_MANY_MESSAGES
}
