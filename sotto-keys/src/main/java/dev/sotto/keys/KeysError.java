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
    /// An index key cannot be replaced while rows are still under the one before it.
    INDEX_KEY_RETIRING,
    /// An index key inside a key service is to be replaced by itself.
    INDEX_KEY_SAME,
    /// A key service has another index key at the address than it had, or the key's row was moved.
    INDEX_KEY_CHANGED,
    /// Another use of the same key did not end in time.
    KEY_BUSY,
    /// The plaintext of a field is longer than the limit; use a stream.
    FIELD_TOO_LARGE,
    /// A record lacks a field it must have.
    FIELD_MISSING,
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
    /// A recipient's public key is malformed, of an unknown suite, or fails the checks of its suite.
    RECIPIENT_INVALID,
    /// A recipient's private key did not open: wrong passphrase or altered file.
    RECIPIENT_KEY_REFUSED,
    /// A backup of keys is older than copies of destroyed keys may be.
    BACKUP_EXPIRED,
    /// A backup of keys does not fit what is here: another key has the place, or a tenant has too many.
    BACKUP_REFUSED,
    /// The passphrase is empty, too short or too long, or its source cannot be read.
    PASSPHRASE_REFUSED,
    /// The key is one of a key service that is not configured on this node.
    KMS_SCHEME_UNKNOWN,
    /// As many calls of the key service are under way as are allowed, or waiting for one was interrupted.
    KMS_BUSY,
    /// The key service did not answer in time.
    KMS_TIMED_OUT,
    /// There is no connection to the key service, or it broke.
    KMS_UNREACHABLE,
    /// The key service asks for fewer requests.
    KMS_THROTTLED,
    /// The key service failed by its own account, is sealed, or is starting.
    KMS_FAILED,
    /// The key service gave an answer that is cut, garbled, or not to the question.
    KMS_ANSWER_INVALID,
    /// The key service refuses the credential of this node, or its use of the key.
    KMS_DENIED,
    /// The key is there, but disabled, expired, or waiting to be deleted.
    KMS_KEY_DISABLED,
    /// The key service refuses the request, or the key is unfit for it.
    KMS_REQUEST_REFUSED,
    /// The FIPS distribution found something that is not approved: another provider, a foreign library, or the
    /// module outside approved mode.
    CRYPTO_NOT_APPROVED
}
