package dev.sotto.server.node;

import dev.sotto.core.ErrorCode;

/// Why the server or its command line failed.
public enum ServerError implements ErrorCode {
    /// The configuration file has problems; the message lists all of them.
    CONFIG_INVALID,
    /// A file or folder that was named cannot be read or written.
    FILE_UNUSABLE,
    /// A file that holds a secret is readable by others.
    FILE_EXPOSED,
    /// No passphrase was given, or it is too short.
    PASSPHRASE_MISSING,
    /// The data directory holds another kind of node than was asked for.
    DATA_MISMATCH,
    /// The node on this data directory does not run, or does not answer.
    NODE_NOT_RUNNING,
    /// The node on this data directory runs, and the command needs it stopped.
    NODE_RUNNING,
    /// The node is still starting or already stopping.
    NODE_NOT_READY,
    /// A certificate or private key cannot be used.
    CERTIFICATE_UNUSABLE,
    /// An address is in use or cannot be bound.
    ADDRESS_UNUSABLE,
    /// An argument on the command line is wrong.
    ARGUMENT_INVALID,
    /// A line of the input is not what the command reads.
    INPUT_INVALID,
    /// The setup link was used, has expired or never existed.
    SETUP_LINK_INVALID,
    /// A password or another form field does not follow its rule.
    FORM_INVALID,
    /// There is no such call, recording or page, or not for this tenant.
    NOT_HERE,
    /// The signed-in actor may not do this.
    NOT_ALLOWED,
    /// Too many requests of this kind; try later.
    TOO_MANY,
    /// A request with this idempotency key was answered already, or is being worked on; it is not done again.
    IDEMPOTENCY_KEY_USED,
    /// The idempotency key belongs to another request.
    IDEMPOTENCY_KEY_REUSED,
    /// A request is malformed.
    REQUEST_INVALID,
    /// The other side of a call did not keep to the protocol.
    CALL_FAILED
}
