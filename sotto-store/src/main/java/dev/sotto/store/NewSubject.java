package dev.sotto.store;

import static java.util.Objects.requireNonNull;

import dev.sotto.core.SensitiveText;
import java.time.LocalDate;

/// A person to keep records about.
///
/// @param phone E.164
public record NewSubject(SensitiveText name, LocalDate birthDate, SensitiveText phone) {
    public NewSubject {
        requireNonNull(birthDate, "birthDate");
        Fields.text("name", name.reveal(), 200);
        Fields.e164("phone", phone.reveal());
    }

    /// Says nothing of the person.
    @Override
    public String toString() {
        return "NewSubject[REDACTED]";
    }
}
