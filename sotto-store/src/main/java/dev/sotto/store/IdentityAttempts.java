package dev.sotto.store;

import dev.sotto.core.TenantId;
import java.time.Instant;

/// Identity checks, counted in the database by call, subject, caller's number and tenant: over calls, nodes and
/// restarts. What was keyed is kept as keyed hashes that change each hour, and for two hours. Thread-safe; blocks on
/// the database, the keys and the audit log.
public final class IdentityAttempts {
    /// Counts an attempt, then looks for the one person it fits. Statements sent and rows touched are the same for
    /// every outcome, and for entries that are not well-formed. Audited `subject.searched`.
    public Identification identify(
            TenantId tenant, IdentityAttempt attempt, AttemptLimits limits, Instant now, Acting acting) {
        return Unfinished.value(attempt.toString());
    }
}
