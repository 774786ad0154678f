package dev.sotto.store;

import dev.sotto.core.SensitiveText;
import dev.sotto.core.SubjectId;
import java.time.LocalDate;

/// A person, opened.
///
/// @param phone E.164
public record Subject(SubjectId id, SensitiveText name, LocalDate birthDate, SensitiveText phone) {
    /// Says nothing of the person but the id.
    @Override
    public String toString() {
        return "Subject[id=" + id + "]";
    }
}
