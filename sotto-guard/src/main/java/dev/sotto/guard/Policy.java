package dev.sotto.guard;

import java.util.List;
import java.util.Optional;

/// Which disclosures are allowed and what is done to their text. The first rule that matches decides; what no rule
/// matches is denied. Immutable.
///
/// @param version what its author calls it; stands in audit entries beside a hash of the file
public record Policy(String version, List<Rule> rules) {
    public Policy {
        rules = List.copyOf(rules);
    }

    Optional<Rule> ruleFor(Act act) {
        for (Rule rule : rules) {
            if (rule.matches(act)) {
                return Optional.of(rule);
            }
        }
        return Optional.empty();
    }
}
