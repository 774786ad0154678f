package dev.sotto.guard;

import java.util.Optional;

/// What the agent just asked for, so that a bare answer can be understood.
public enum Expectation {
    NOTHING(Optional.empty()),
    NAME(Optional.of(EntityType.PERSON)),
    BIRTH_DATE(Optional.of(EntityType.DOB)),
    PHONE(Optional.of(EntityType.PHONE)),
    EMAIL(Optional.of(EntityType.EMAIL)),
    SSN(Optional.of(EntityType.SSN)),
    MRN(Optional.of(EntityType.MRN)),
    ACCOUNT(Optional.of(EntityType.ACCOUNT)),
    CREDIT_CARD(Optional.of(EntityType.CREDIT_CARD)),
    CVV(Optional.of(EntityType.CVV));

    private final Optional<EntityType> type;

    Expectation(Optional<EntityType> type) {
        this.type = type;
    }

    Optional<EntityType> type() {
        return type;
    }

    static Expectation of(EntityType type) {
        for (Expectation expectation : values()) {
            if (expectation.type.filter(type::equals).isPresent()) {
                return expectation;
            }
        }
        return NOTHING;
    }
}
