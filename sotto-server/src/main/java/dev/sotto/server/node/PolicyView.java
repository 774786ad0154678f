package dev.sotto.server.node;

import java.time.Instant;
import java.util.List;
import java.util.Optional;

/// A tenant's policy as it is shown.
///
/// @param installed whether a guard decides; without one everything is denied
/// @param version names the loaded policy, such as the first digits of its hash; empty without a guard
/// @param loadedAt when it was loaded
/// @param rules in the order in which they are tried; what no rule meets is denied
public record PolicyView(boolean installed, Optional<String> version, Optional<Instant> loadedAt, List<Rule> rules) {
    public PolicyView {
        rules = List.copyOf(rules);
    }

    static PolicyView denyAll() {
        return new PolicyView(false, Optional.empty(), Optional.empty(), List.of());
    }

    /// One line of the policy. An asterisk stands for any.
    ///
    /// @param id as audit entries name it in `rule`
    /// @param entity the entity type, such as `DATE_OF_BIRTH`
    /// @param destination the sub-processor's id
    /// @param operator `keep`, `mask`, `replace`, `hash`, `drop`, `tokenise` or `deny`
    /// @param condition what must hold besides, in the policy's own language; empty if nothing
    public record Rule(
            String id,
            String dataClass,
            String entity,
            String destination,
            String purpose,
            String operator,
            Optional<String> condition) {}
}
