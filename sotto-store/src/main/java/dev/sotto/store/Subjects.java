package dev.sotto.store;

import static java.util.Objects.requireNonNull;

import dev.sotto.core.DataClass;
import dev.sotto.core.IntegrityException;
import dev.sotto.core.KeyOwner;
import dev.sotto.core.SensitiveText;
import dev.sotto.core.SubjectId;
import dev.sotto.core.TenantId;
import dev.sotto.keys.RecordContext;
import java.sql.SQLException;
import java.text.Normalizer;
import java.time.DateTimeException;
import java.time.LocalDate;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/// The persons a tenant keeps records about. Thread-safe; blocks on the database, the keys and the audit log.
public final class Subjects {
    private static final String BIRTH_PHONE = "subject-birth-phone";
    private static final String NAME_BIRTH = "subject-name-birth";
    private static final int PHONE_END = 4;

    private final Rows rows;

    Subjects(Rows rows) {
        this.rows = rows;
    }

    /// Keeps a person. Audited `subject.created` with the digests of the sealed fields.
    public SubjectId create(TenantId tenant, NewSubject subject, Acting acting) {
        var id = rows.ids().subjectId();
        var values = new LinkedHashMap<String, SensitiveText>();
        values.put("name", subject.name());
        values.put("birth-date", SensitiveText.of(subject.birthDate().toString()));
        values.put("phone", subject.phone());
        String number = subject.phone().reveal();
        byte[] birthPhone =
                birthPhoneIndex(tenant, subject.birthDate().toString(), number.substring(number.length() - PHONE_END));
        byte[] nameBirth =
                nameBirthIndex(tenant, subject.name(), subject.birthDate().toString());
        String hash = rows.ledger().hash(tenant, id);
        rows.keep(tenant, () -> {
            var sealed = rows.seals().seal(place(tenant, id, 1), values);
            return sql -> insert(sql, tenant, id, sealed, birthPhone, nameBirth, hash, acting);
        });
        return id;
    }

    private int insert(
            Sql sql,
            TenantId tenant,
            SubjectId id,
            Map<String, Sealed> sealed,
            byte[] birthPhone,
            byte[] nameBirth,
            String hash,
            Acting acting)
            throws SQLException {
        int added = sql.update(
                "INSERT INTO sotto.subject (tenant_id, id, name_sealed, birth_date_sealed, phone_sealed,"
                        + " birth_phone_index, name_birth_index, version, created_at)"
                        + " VALUES (?, ?, ?, ?, ?, ?, ?, 1, ?)",
                tenant.value(),
                id.value(),
                sealed.get("name"),
                sealed.get("birth-date"),
                sealed.get("phone"),
                birthPhone,
                nameBirth,
                rows.now());
        rows.ledger()
                .append(Ledger.digests(
                        acting.event("subject.created", "subject", hash)
                                .tenant(tenant)
                                .subjectHash(hash),
                        sealed));
        return added;
    }

    /// Who has this birth date and a phone with these last four digits; at most two. Audited `subject.searched`.
    public List<SubjectId> findByBirthDateAndPhoneEnd(
            TenantId tenant, LocalDate birthDate, String lastFour, Acting acting) {
        byte[] index = birthPhoneIndex(tenant, birthDate.toString(), lastFour);
        rows.ledger().append(acting.event("subject.searched", "tenant", tenant).tenant(tenant));
        byte[] nobody = nameBirthIndex(tenant, SensitiveText.of(""), "no-date");
        return rows.transactions().in(tenant, sql -> matching(sql, tenant, index, nobody));
    }

    /// The compound index of a birth date and the end of a phone number. What is not well-formed gets an index that no
    /// row has.
    ///
    /// @param birthDate `yyyy-MM-dd`
    byte[] birthPhoneIndex(TenantId tenant, String birthDate, String phoneEnd) {
        return rows.blindIndex().of(tenant, BIRTH_PHONE, birthDate, phoneEnd);
    }

    /// The compound index of a name and a birth date.
    ///
    /// @param birthDate `yyyy-MM-dd`
    byte[] nameBirthIndex(TenantId tenant, SensitiveText name, String birthDate) {
        return rows.blindIndex().of(tenant, NAME_BIRTH, normal(name), birthDate);
    }

    /// Who has the one index or the other; at most two.
    static List<SubjectId> matching(Sql sql, TenantId tenant, byte[] birthPhoneIndex, byte[] nameBirthIndex)
            throws SQLException {
        return sql.list(
                row -> new SubjectId(row.id("id")),
                "SELECT id FROM sotto.subject WHERE tenant_id = ? AND (birth_phone_index = ? OR name_birth_index = ?)"
                        + " ORDER BY id LIMIT 2",
                tenant.value(),
                birthPhoneIndex,
                nameBirthIndex);
    }

    /// A person, opened. Audited `subject.opened` before.
    ///
    /// @throws IntegrityException if a field was altered or moved
    public Optional<Subject> find(TenantId tenant, SubjectId subject, Acting acting) {
        String hash = rows.ledger().hash(tenant, subject);
        rows.ledger()
                .append(acting.event("subject.opened", "subject", hash)
                        .tenant(tenant)
                        .subjectHash(hash));
        return rows.transactions()
                .in(
                        tenant,
                        sql -> sql.first(
                                SealedSubject::of,
                                "SELECT name_sealed, birth_date_sealed, phone_sealed, version FROM sotto.subject"
                                        + " WHERE tenant_id = ? AND id = ?",
                                tenant.value(),
                                subject.value()))
                .map(found -> open(tenant, subject, found));
    }

    private record SealedSubject(Map<String, Sealed> fields, long version) {
        static SealedSubject of(Sql.Row row) throws SQLException {
            return new SealedSubject(
                    Map.of(
                            "name",
                            row.sealed("name_sealed"),
                            "birth-date",
                            row.sealed("birth_date_sealed"),
                            "phone",
                            row.sealed("phone_sealed")),
                    row.number("version"));
        }
    }

    private Subject open(TenantId tenant, SubjectId id, SealedSubject sealed) {
        var opened = rows.seals().open(place(tenant, id, sealed.version()), sealed.fields());
        return new Subject(
                id,
                requireNonNull(opened.get("name")),
                date(requireNonNull(opened.get("birth-date"))),
                requireNonNull(opened.get("phone")));
    }

    private static LocalDate date(SensitiveText text) {
        try {
            return LocalDate.parse(text.reveal());
        } catch (DateTimeException notADate) {
            throw new IntegrityException(StoreError.ROW_MISMATCH, "a sealed birth date is not a date");
        }
    }

    /// A name as it is compared: one form of each letter, one space, lower case.
    static String normal(SensitiveText name) {
        return Normalizer.normalize(name.reveal(), Normalizer.Form.NFKC)
                .strip()
                .replaceAll("\\s+", " ")
                .toLowerCase(Locale.ROOT);
    }

    static RecordContext place(TenantId tenant, SubjectId id, long version) {
        return new RecordContext(
                tenant, DataClass.SUBJECT, new KeyOwner.OfSubject(id), "subject", id.toString(), version);
    }
}
