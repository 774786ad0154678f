package dev.sotto.store;

import static java.util.Objects.requireNonNull;

import dev.sotto.core.ConflictException;
import dev.sotto.core.DataClass;
import dev.sotto.core.IntegrityException;
import dev.sotto.core.KeyOwner;
import dev.sotto.core.SensitiveText;
import dev.sotto.core.SubjectId;
import dev.sotto.core.TenantId;
import dev.sotto.keys.IndexValue;
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
import java.util.UUID;

/// The persons a tenant keeps records about. Thread-safe; blocks on the database, the keys and the audit log.
public final class Subjects {
    static final String BIRTH_PHONE = "subject-birth-phone";
    static final String NAME_BIRTH = "subject-name-birth";
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
        String hash = rows.ledger().hash(tenant, id);
        rows.keep(tenant, () -> {
            var sealed = rows.seals().seal(place(tenant, id, 1), values);
            var indexes = indexes(tenant, subject.name(), subject.birthDate().toString(), number);
            return sql -> insert(sql, tenant, id, sealed, indexes, hash, acting);
        });
        return id;
    }

    private int insert(
            Sql sql,
            TenantId tenant,
            SubjectId id,
            Map<String, Sealed> sealed,
            Indexes indexes,
            String hash,
            Acting acting)
            throws SQLException {
        int added = sql.update(
                "INSERT INTO sotto.subject (tenant_id, id, name_sealed, birth_date_sealed, phone_sealed,"
                        + " birth_phone_index, birth_phone_key, name_birth_index, name_birth_key, version, created_at)"
                        + " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, 1, ?)",
                tenant.value(),
                id.value(),
                sealed.get("name"),
                sealed.get("birth-date"),
                sealed.get("phone"),
                indexes.birthPhone().bytes(),
                indexes.birthPhone().key(),
                indexes.nameBirth().bytes(),
                indexes.nameBirth().key(),
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
        rows.ledger().append(acting.event("subject.searched", "tenant", tenant).tenant(tenant));
        return rows.keep(tenant, () -> {
            var index = birthPhoneIndex(tenant, birthDate.toString(), lastFour);
            var nobody = nameBirthIndex(tenant, SensitiveText.of(""), "no-date");
            return sql -> matching(sql, tenant, index, nobody);
        });
    }

    /// The indexes of a new row, or of one that is computed anew.
    record Indexes(IndexValue birthPhone, IndexValue nameBirth) {}

    /// Under the newest keys.
    Indexes indexes(TenantId tenant, SensitiveText name, String birthDate, String number) {
        String phoneEnd = number.substring(number.length() - PHONE_END);
        return new Indexes(
                rows.blindIndex().of(tenant, BIRTH_PHONE, birthDate, phoneEnd),
                rows.blindIndex().of(tenant, NAME_BIRTH, normal(name), birthDate));
    }

    /// The compound index of a birth date and the end of a phone number, under each live key. What is not well-formed
    /// gets an index that no
    /// row has.
    ///
    /// @param birthDate `yyyy-MM-dd`
    List<IndexValue> birthPhoneIndex(TenantId tenant, String birthDate, String phoneEnd) {
        return rows.blindIndex().all(tenant, BIRTH_PHONE, birthDate, phoneEnd);
    }

    /// The compound index of a name and a birth date, under each live key.
    ///
    /// @param birthDate `yyyy-MM-dd`
    List<IndexValue> nameBirthIndex(TenantId tenant, SensitiveText name, String birthDate) {
        return rows.blindIndex().all(tenant, NAME_BIRTH, normal(name), birthDate);
    }

    /// Who has the one index or the other; at most two. Sends the same statements whatever they find.
    ///
    /// @throws ConflictException if there are rows under keys that were not asked for
    static List<SubjectId> matching(
            Sql sql, TenantId tenant, List<IndexValue> birthPhoneIndex, List<IndexValue> nameBirthIndex)
            throws SQLException {
        var found = sql.list(
                row -> new SubjectId(row.id("id")),
                "SELECT id FROM sotto.subject WHERE tenant_id = ?"
                        + " AND (birth_phone_index = ANY (?) OR name_birth_index = ANY (?)) ORDER BY id LIMIT 2",
                tenant.value(),
                bytes(birthPhoneIndex),
                bytes(nameBirthIndex));
        // Afterwards, so that whatever came in between is noticed.
        boolean others = IndexColumn.BIRTH_PHONE.othersThan(sql, tenant, keys(birthPhoneIndex));
        others |= IndexColumn.NAME_BIRTH.othersThan(sql, tenant, keys(nameBirthIndex));
        if (others) {
            throw new ConflictException(
                    StoreError.INDEX_KEY_REPLACED, "there are rows under index keys that were not asked for");
        }
        return found;
    }

    static byte[][] bytes(List<IndexValue> values) {
        return values.stream().map(IndexValue::bytes).toArray(byte[][]::new);
    }

    static UUID[] keys(List<IndexValue> values) {
        return values.stream().map(IndexValue::key).toArray(UUID[]::new);
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
