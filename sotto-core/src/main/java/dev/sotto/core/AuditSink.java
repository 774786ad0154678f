package dev.sotto.core;

/// Where facts are recorded before they are acted on. Thread-safe; blocks until durable.
public interface AuditSink {
    /// Records `event` and returns once it would survive a crash. The caller acts only after this returned: no audit,
    /// no
    /// act.
    ///
    /// @throws UnavailableException if the entry may not be durable; the caller must not act
    AuditReceipt append(AuditEvent event);
}
