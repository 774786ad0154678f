package dev.sotto.audit;

import dev.sotto.core.ErrorCode;

/// Why something in the audit log failed.
public enum AuditError implements ErrorCode {
    /// Too many appends wait; nothing was recorded.
    AUDIT_QUEUE_FULL,
    /// No answer came in time; the entry may or may not be recorded, so the caller must not act.
    AUDIT_TIMEOUT,
    /// Another sequencer took over this log; this one never writes again.
    AUDIT_FENCED,
    /// Too many read at once; appending goes first.
    AUDIT_BUSY,
    /// The log was closed.
    AUDIT_CLOSED,
    /// The database did not do what was asked; a retry may succeed.
    AUDIT_DATABASE,
    /// The database may lose commits it acknowledged (`fsync` or `synchronous_commit` is off).
    AUDIT_NOT_DURABLE,
    /// The checkpoint directory cannot be written or read.
    AUDIT_CHECKPOINT_FILES,
    /// The database is behind, or is not a continuation of, a checkpoint that was saved or handed out.
    AUDIT_ROLLBACK,
    /// Stored rows of the log do not fit together.
    AUDIT_DAMAGED,
    /// A checkpoint is malformed, or its signatures do not hold.
    AUDIT_CHECKPOINT,
    /// A key, key file or verifier key is malformed.
    AUDIT_KEY,
    /// What was given to verify is not an audit log, or the keys are for another one.
    AUDIT_SOURCE,
    /// There is no such entry or tree size in this log.
    AUDIT_NO_SUCH_ENTRY,
    /// The JVM lacks an algorithm that the log needs.
    AUDIT_ALGORITHM
}
