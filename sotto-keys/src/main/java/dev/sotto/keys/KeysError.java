package dev.sotto.keys;

import dev.sotto.core.ErrorCode;

/// Why something about keys or sealed data was refused.
public enum KeysError implements ErrorCode {
    /// Sealed bytes were altered, cut, moved to another context, or their key is gone. One code for every cause; the
    /// cause is only counted.
    SEALED_DATA_INVALID,
    /// A wrapped key was altered, bound to another context, or wrapped under another key.
    WRAPPED_KEY_INVALID,
    /// A key row names an algorithm, state or wrapping key that this version does not accept.
    KEY_RECORD_INVALID,
    /// The tenant has no key: it was never created here.
    TENANT_KEY_ABSENT,
    /// No version of the key is in a state that may seal.
    KEY_NOT_ACTIVE,
    /// There is no such key.
    KEY_ABSENT,
    /// The key was revoked: until it is reinstated it neither seals nor opens, and streams under it stop.
    KEY_REVOKED,
    /// A key row is of a version or state that was left behind before: it was put back.
    KEY_ROLLED_BACK,
    /// The row that says what changed about keys cannot be read; nothing is sealed or opened until
    /// it can.
    KEY_STATE_UNREADABLE,
    /// A key in that state cannot be brought into the wanted one.
    KEY_TRANSITION_REFUSED,
    /// A destruction lacks the signed approvals of two people over the same request.
    DESTRUCTION_NOT_APPROVED,
    /// The waiting period of a destruction is not over.
    DESTRUCTION_TOO_EARLY,
    /// What was to be destroyed still opened afterwards.
    DESTRUCTION_INCOMPLETE,
    /// The record key was destroyed. Only an explicit renewal makes another one for that
    /// owner.
    RECORD_KEY_DESTROYED,
    /// Another use of the same key did not end in time.
    KEY_BUSY,
    /// The plaintext of a field is longer than the limit; use a stream.
    FIELD_TOO_LARGE,
    /// The key URI is not of the form `scheme:name`, or names no key here.
    KEY_URI_INVALID,
    /// The key store file exists already.
    KEY_STORE_EXISTS,
    /// The key store file is absent, cannot be read or cannot be written.
    KEY_STORE_UNAVAILABLE,
    /// Someone other than the owner may read or write the key store or passphrase file.
    KEY_STORE_EXPOSED,
    /// The key store did not open: wrong passphrase or altered file.
    KEY_STORE_REFUSED,
    /// The passphrase is empty, too short or too long, or its source cannot be read.
    PASSPHRASE_REFUSED
}
