package dev.sotto.guard;

import java.util.Locale;
import java.util.Optional;

/// What is done to a finding before the text may leave, the mildest first. The code stands in policies and audit
/// entries: it is never renamed.
public enum Operator {
    /// It stays as it is.
    KEEP,
    /// A token such as `<PHONE_1>` that this call can turn back. Without a call, as [#REPLACE].
    TOKENISE,
    /// A keyed hash: equal values of one tenant give equal hashes.
    HASH,
    /// Asterisks, with the last four digits or letters left.
    MASK_KEEP_LAST_4,
    /// Asterisks.
    MASK,
    /// Its type, such as `<PHONE>`.
    REPLACE,
    /// Nothing in its place.
    DROP,
    /// The whole act is refused.
    DENY;

    /// The name in a policy, lower case with hyphens.
    public String code() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    static Optional<Operator> ofCode(String code) {
        for (Operator operator : values()) {
            if (operator.code().equals(code)) {
                return Optional.of(operator);
            }
        }
        return Optional.empty();
    }

    /// Whether this operator may be used on a type. Cards and check values are never kept and never come back; the
    /// hash of a check value could be found by trying all thousand.
    boolean permittedFor(EntityType type) {
        return switch (this) {
            case KEEP, TOKENISE -> !type.neverKept();
            case HASH, MASK_KEEP_LAST_4 -> type != EntityType.CVV;
            case MASK, REPLACE, DROP, DENY -> true;
        };
    }

    /// The stricter of two.
    Operator or(Operator other) {
        return compareTo(other) >= 0 ? this : other;
    }
}
