package dev.sotto.guard;

import java.time.LocalDate;
import java.util.Optional;

/// What register and policy say about an act, before anybody looked at its text.
sealed interface Ruling {
    /// What stands in audit entries: a rule's id or a reason.
    String name();

    /// The register or the lack of a rule is against it.
    record Objection(Reason reason) implements Ruling {
        @Override
        public String name() {
            return reason.code();
        }
    }

    /// This rule decides.
    record ByRule(Rule rule) implements Ruling {
        @Override
        public String name() {
            return rule.id();
        }
    }

    default boolean allows() {
        return this instanceof ByRule;
    }

    static Ruling of(Act act, GuardRules rules, LocalDate today) {
        if (!Fields.isId(act.destination()) || !Fields.isId(act.purpose())) {
            return new Objection(Reason.MALFORMED_REQUEST);
        }
        Optional<Reason> objection = rules.register().objection(act, today);
        if (objection.isPresent()) {
            return new Objection(objection.get());
        }
        return rules.policy().ruleFor(act).<Ruling>map(ByRule::new).orElseGet(() -> new Objection(Reason.NO_RULE));
    }
}
