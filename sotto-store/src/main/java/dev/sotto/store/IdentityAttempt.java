package dev.sotto.store;

import static java.util.Objects.requireNonNull;

import dev.sotto.core.CallId;
import dev.sotto.core.SensitiveText;

/// What a caller keyed to say who they are. Nothing here need be well-formed: what is not cannot match.
///
/// @param callerNumber as the carrier gave it; may be empty
/// @param birthDate digits, `YYYYMMDD` if well-formed
/// @param phoneEnd digits, the last four of the phone on file if well-formed
public record IdentityAttempt(
        CallId call, SensitiveText callerNumber, SensitiveText birthDate, SensitiveText phoneEnd) {
    private static final int MAX_LENGTH = 64;

    public IdentityAttempt {
        requireNonNull(call, "call");
        if (callerNumber.length() > MAX_LENGTH || birthDate.length() > MAX_LENGTH || phoneEnd.length() > MAX_LENGTH) {
            throw Fields.rejected("callerNumber, birthDate and phoneEnd must have at most 64 characters");
        }
    }
}
