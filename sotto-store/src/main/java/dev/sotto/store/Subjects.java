package dev.sotto.store;

import dev.sotto.core.SubjectId;
import dev.sotto.core.TenantId;
import java.time.LocalDate;
import java.util.List;
import java.util.Optional;

/// The persons a tenant keeps records about. Thread-safe; blocks on the database, the keys and the audit log.
public final class Subjects {
    /// Keeps a person. Audited `subject.created` with the digests of the sealed fields.
    public SubjectId create(TenantId tenant, NewSubject subject, Acting acting) {
        return Unfinished.value(acting.toString());
    }

    /// Who has this birth date and a phone with these last four digits; at most two. Audited `subject.searched`.
    public List<SubjectId> findByBirthDateAndPhoneEnd(
            TenantId tenant, LocalDate birthDate, String lastFour, Acting acting) {
        return Unfinished.value(acting.toString());
    }

    /// A person, opened. Audited `subject.opened` before.
    public Optional<Subject> find(TenantId tenant, SubjectId subject, Acting acting) {
        return Unfinished.value(acting.toString());
    }
}
