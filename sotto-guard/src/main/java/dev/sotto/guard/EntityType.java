package dev.sotto.guard;

import java.util.Optional;

/// What a finding is of, the most severe first. The name stands in policies, tokens and audit entries: it is never
/// renamed.
public enum EntityType {
    /// The check value printed on a payment card.
    CVV,
    /// A payment card's number.
    CREDIT_CARD,
    /// A US social security number, or its last four digits.
    SSN,
    /// A number of an account, a policy or a membership.
    ACCOUNT,
    /// A medical record number.
    MRN,
    /// A date of birth, or its year.
    DOB,
    /// A phone number, or its last four digits.
    PHONE,
    EMAIL,
    /// A person's name.
    PERSON,
    /// Any other calendar date.
    DATE;

    /// Whether it may never be kept, nor be brought back from a token, whatever a policy says (PCI DSS 4.0, requirement
    /// 3.3).
    public boolean neverKept() {
        return this == CVV || this == CREDIT_CARD;
    }

    static Optional<EntityType> named(String name) {
        for (EntityType type : values()) {
            if (type.name().equals(name)) {
                return Optional.of(type);
            }
        }
        return Optional.empty();
    }
}
