package dev.sotto.store;

import static java.util.Objects.requireNonNull;

import dev.sotto.core.CallId;
import dev.sotto.core.SensitiveText;

/// What a caller keyed or said to show who they are. Nothing here need be well-formed: what is not cannot match.
///
/// @param callerNumber as the carrier gave it; may be empty
public record IdentityAttempt(CallId call, SensitiveText callerNumber, Factors factors) {
    private static final int MAX_LENGTH = 64;

    public IdentityAttempt {
        requireNonNull(call, "call");
        requireNonNull(factors, "factors");
        checkLength("callerNumber", callerNumber);
    }

    /// An attempt by keypad.
    public IdentityAttempt(CallId call, SensitiveText callerNumber, SensitiveText birthDate, SensitiveText phoneEnd) {
        this(call, callerNumber, new Factors.PhoneEnd(birthDate, phoneEnd));
    }

    /// The two things a caller may give together. Each kind holds the date of birth, so that what is guessed about one
    /// date is counted together.
    public sealed interface Factors {
        /// Digits, `YYYYMMDD` if well-formed.
        SensitiveText birthDate();

        /// A birth date and the end of a phone number.
        ///
        /// @param phoneEnd digits, the last four of the phone on file if well-formed
        record PhoneEnd(SensitiveText birthDate, SensitiveText phoneEnd) implements Factors {
            public PhoneEnd {
                checkLength("birthDate", birthDate);
                checkLength("phoneEnd", phoneEnd);
            }
        }

        /// A name and a birth date.
        ///
        /// @param name as it is on file; case, accents' encoding and spacing do not matter
        record Name(SensitiveText name, SensitiveText birthDate) implements Factors {
            public Name {
                checkLength("name", name);
                checkLength("birthDate", birthDate);
            }
        }
    }

    private static void checkLength(String field, SensitiveText value) {
        if (value.length() > MAX_LENGTH) {
            throw Fields.rejected("%s must have at most %d characters".formatted(field, MAX_LENGTH));
        }
    }
}
