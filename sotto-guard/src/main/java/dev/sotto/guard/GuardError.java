package dev.sotto.guard;

import dev.sotto.core.ErrorCode;

/// Why something in the guard failed.
public enum GuardError implements ErrorCode {
    /// Detection did not end in time; nothing may be sent.
    DETECTION_LATE,
    /// A detector failed; nothing may be sent.
    DETECTION_FAILED,
    /// A text is longer than the guard looks at.
    TEXT_TOO_LONG,
    /// The policy or the register has problems; the message lists all of them.
    RULES_INVALID,
    /// The policy or the register cannot be read.
    RULES_UNREADABLE,
    /// The key for hashes is too short.
    HASH_KEY_INVALID,
    /// As many calls are open at the guard as its limit says.
    GUARD_CALL_LIMIT,
    /// The call is open at the guard already.
    GUARD_CALL_OPEN
}
