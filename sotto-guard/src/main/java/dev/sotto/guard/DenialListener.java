package dev.sotto.guard;

import dev.sotto.core.CallId;
import dev.sotto.core.DataClass;
import dev.sotto.core.TenantId;
import java.time.Instant;
import java.util.Optional;

/// Is told of each denied disclosure, so that somebody can be alerted. Thread-safe, does not block; what it throws is
/// counted and goes no further.
@FunctionalInterface
public interface DenialListener {
    void denied(Denial denial);

    /// A denied disclosure: ids and codes only.
    ///
    /// @param destination its id, or `-` if that was malformed
    /// @param purpose its id, or `-` if that was malformed
    /// @param rule the id of the rule that denied, or the guard's own reason
    record Denial(
            TenantId tenant,
            Optional<CallId> call,
            String destination,
            DataClass dataClass,
            String purpose,
            String rule,
            Instant at) {}
}
