package dev.sotto.store;

import dev.sotto.core.AppointmentId;
import dev.sotto.core.ConflictException;
import dev.sotto.core.DataClass;
import dev.sotto.core.KeyOwner;
import dev.sotto.core.NotFoundException;
import dev.sotto.core.SensitiveText;
import dev.sotto.core.SlotId;
import dev.sotto.core.SubjectId;
import dev.sotto.core.TenantId;
import dev.sotto.keys.RecordContext;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.util.List;
import java.util.Optional;

/// Slots and who has booked them. A slot is taken once. Thread-safe; blocks on the database, the keys and the audit
/// log.
public final class Appointments {
    private static final long VERSION = 1; // of a new row; it counts how often provider or reason was sealed
    private static final int MAX_REASON = 500;
    private static final String SLOT_COLUMNS =
            "s.id AS slot_id, s.starts_at, s.length_minutes, s.provider_sealed," + " s.version AS slot_version, t.zone";

    private final Rows rows;

    Appointments(Rows rows) {
        this.rows = rows;
    }

    /// Offers a time. Audited `slot.created`.
    public SlotId addSlot(TenantId tenant, NewSlot slot, Acting acting) {
        var id = rows.ids().slotId();
        rows.keep(tenant, () -> {
            Sealed provider = rows.seals().seal(slotPlace(tenant, id, VERSION), "provider", slot.provider());
            return sql -> insert(sql, tenant, id, slot, provider, acting);
        });
        return id;
    }

    private int insert(Sql sql, TenantId tenant, SlotId id, NewSlot slot, Sealed provider, Acting acting)
            throws SQLException {
        int added = sql.update(
                "INSERT INTO sotto.slot (tenant_id, id, starts_at, length_minutes, provider_sealed, version)"
                        + " VALUES (?, ?, ?, ?, ?, ?)",
                tenant.value(),
                id.value(),
                slot.startsAt(),
                (int) slot.length().toMinutes(),
                provider,
                VERSION);
        rows.ledger()
                .append(acting.event("slot.created", "slot", id).tenant(tenant).detail("digest", provider.digest()));
        return added;
    }

    /// Slots nobody has, soonest first. Audited `slot.listed`.
    ///
    /// @param after only slots that start later
    /// @param limit 1 to 50
    public List<Slot> freeSlots(TenantId tenant, Instant after, int limit, Acting acting) {
        int most = Fields.limit(limit, 50);
        rows.ledger().append(acting.event("slot.listed", "tenant", tenant).tenant(tenant));
        return rows
                .transactions()
                .in(
                        tenant,
                        sql -> sql.list(
                                SealedSlot::of,
                                "SELECT " + SLOT_COLUMNS
                                        + " FROM sotto.slot s JOIN sotto.tenant t ON t.id = s.tenant_id"
                                        + " WHERE s.tenant_id = ? AND s.taken_by IS NULL AND s.starts_at > ?"
                                        + " ORDER BY s.starts_at, s.id LIMIT ?",
                                tenant.value(),
                                after,
                                most))
                .stream()
                .map(slot -> open(tenant, slot))
                .toList();
    }

    /// The subject's soonest booked appointment that starts later than `after`. Audited `appointment.read`.
    public Optional<Appointment> next(TenantId tenant, SubjectId subject, Instant after, Acting acting) {
        String hash = rows.ledger().hash(tenant, subject);
        rows.ledger()
                .append(acting.event("appointment.read", "subject", hash)
                        .tenant(tenant)
                        .subjectHash(hash));
        return rows.transactions()
                .in(
                        tenant,
                        sql -> sql.first(
                                SealedAppointment::of,
                                "SELECT a.id, a.subject_id, a.booked_at, a.reason_sealed, a.version, " + SLOT_COLUMNS
                                        + " FROM sotto.appointment a JOIN sotto.slot s ON s.tenant_id = a.tenant_id"
                                        + " AND s.id = a.slot_id JOIN sotto.tenant t ON t.id = a.tenant_id"
                                        + " WHERE a.tenant_id = ? AND a.subject_id = ? AND a.state = 'BOOKED'"
                                        + " AND s.starts_at > ? ORDER BY s.starts_at, a.id LIMIT 1",
                                tenant.value(),
                                subject.value(),
                                after))
                .map(appointment -> open(tenant, appointment));
    }

    /// Takes a slot for a person. Audited `appointment.booked` with the digest of the sealed reason.
    ///
    /// @param reason what it is for; may be empty; sealed
    /// @throws dev.sotto.core.ConflictException if somebody has it
    /// @throws dev.sotto.core.NotFoundException if the tenant has no such slot or subject
    public Appointment book(TenantId tenant, SubjectId subject, SlotId slot, SensitiveText reason, Acting acting) {
        if (reason.length() > MAX_REASON) {
            throw Fields.rejected("reason must have at most %d characters".formatted(MAX_REASON));
        }
        var id = rows.ids().appointmentId();
        String hash = rows.ledger().hash(tenant, subject);
        Instant now = rows.now();
        var taken = rows.keep(tenant, () -> {
            Sealed sealedReason = rows.seals().seal(place(tenant, subject, id, VERSION), "reason", reason);
            return sql -> {
                requireSubject(sql, tenant, subject);
                var slotRow = take(sql, tenant, slot, id);
                sql.update(
                        "INSERT INTO sotto.appointment (tenant_id, id, subject_id, slot_id, state, booked_at,"
                                + " reason_sealed, version) VALUES (?, ?, ?, ?, 'BOOKED', ?, ?, ?)",
                        tenant.value(),
                        id.value(),
                        subject.value(),
                        slot.value(),
                        now,
                        sealedReason,
                        VERSION);
                rows.ledger()
                        .append(acting.event("appointment.booked", "appointment", id)
                                .tenant(tenant)
                                .subjectHash(hash)
                                .detail("slot", slot)
                                .detail("digest", sealedReason.digest()));
                return slotRow;
            };
        });
        return new Appointment(id, subject, open(tenant, taken), reason, now);
    }

    /// Locks the slot, then takes it if it is free.
    private static SealedSlot take(Sql sql, TenantId tenant, SlotId slot, AppointmentId appointment)
            throws SQLException {
        var found = sql.first(
                        SealedSlot::of,
                        "SELECT " + SLOT_COLUMNS + ", s.taken_by FROM sotto.slot s"
                                + " JOIN sotto.tenant t ON t.id = s.tenant_id WHERE s.tenant_id = ? AND s.id = ?"
                                + " FOR UPDATE OF s",
                        tenant.value(),
                        slot.value())
                .orElseThrow(() -> new NotFoundException(StoreError.NO_SUCH_ROW, "there is no such slot"));
        int took = sql.update(
                "UPDATE sotto.slot SET taken_by = ? WHERE tenant_id = ? AND id = ? AND taken_by IS NULL",
                appointment.value(),
                tenant.value(),
                slot.value());
        if (took == 0) {
            throw new ConflictException(StoreError.SLOT_TAKEN, "the slot is taken");
        }
        return found;
    }

    private static void requireSubject(Sql sql, TenantId tenant, SubjectId subject) throws SQLException {
        var found = sql.first(
                row -> row.id("id"),
                "SELECT id FROM sotto.subject WHERE tenant_id = ? AND id = ?",
                tenant.value(),
                subject.value());
        if (found.isEmpty()) {
            throw new NotFoundException(StoreError.NO_SUCH_ROW, "there is no such subject");
        }
    }

    /// Gives the slot of a booked appointment back. False if the subject has no such booked appointment. Audited
    /// `appointment.cancelled`.
    public boolean cancel(TenantId tenant, AppointmentId appointment, SubjectId subject, Acting acting) {
        String hash = rows.ledger().hash(tenant, subject);
        return rows.transactions().in(tenant, sql -> {
            var slot = sql.first(
                    row -> row.id("slot_id"),
                    "UPDATE sotto.appointment SET state = 'CANCELLED', cancelled_at = ? WHERE tenant_id = ?"
                            + " AND id = ? AND subject_id = ? AND state = 'BOOKED' RETURNING slot_id",
                    rows.now(),
                    tenant.value(),
                    appointment.value(),
                    subject.value());
            if (slot.isEmpty()) {
                return false;
            }
            sql.update(
                    "UPDATE sotto.slot SET taken_by = NULL WHERE tenant_id = ? AND id = ? AND taken_by = ?",
                    tenant.value(),
                    slot.get(),
                    appointment.value());
            rows.ledger()
                    .append(acting.event("appointment.cancelled", "appointment", appointment)
                            .tenant(tenant)
                            .subjectHash(hash)
                            .detail("slot", new SlotId(slot.get())));
            return true;
        });
    }

    private record SealedSlot(
            SlotId id, Instant startsAt, Duration length, Sealed provider, long version, ZoneId zone) {
        static SealedSlot of(Sql.Row row) throws SQLException {
            return new SealedSlot(
                    new SlotId(row.id("slot_id")),
                    row.instant("starts_at"),
                    Duration.ofMinutes(row.integer("length_minutes")),
                    row.sealed("provider_sealed"),
                    row.number("slot_version"),
                    Tenants.zone(row.text("zone")));
        }
    }

    private record SealedAppointment(
            AppointmentId id, SubjectId subject, Instant bookedAt, Sealed reason, long version, SealedSlot slot) {
        static SealedAppointment of(Sql.Row row) throws SQLException {
            return new SealedAppointment(
                    new AppointmentId(row.id("id")),
                    new SubjectId(row.id("subject_id")),
                    row.instant("booked_at"),
                    row.sealed("reason_sealed"),
                    row.number("version"),
                    SealedSlot.of(row));
        }
    }

    private Slot open(TenantId tenant, SealedSlot slot) {
        var provider = rows.seals().openText(slotPlace(tenant, slot.id(), slot.version()), "provider", slot.provider());
        return new Slot(slot.id(), slot.startsAt().atZone(slot.zone()), slot.length(), provider);
    }

    private Appointment open(TenantId tenant, SealedAppointment sealed) {
        var reason = rows.seals()
                .openText(place(tenant, sealed.subject(), sealed.id(), sealed.version()), "reason", sealed.reason());
        return new Appointment(sealed.id(), sealed.subject(), open(tenant, sealed.slot()), reason, sealed.bookedAt());
    }

    static RecordContext place(TenantId tenant, SubjectId subject, AppointmentId id, long version) {
        return new RecordContext(
                tenant, DataClass.APPOINTMENT, new KeyOwner.OfSubject(subject), "appointment", id.toString(), version);
    }

    static RecordContext slotPlace(TenantId tenant, SlotId id, long version) {
        return new RecordContext(
                tenant, DataClass.APPOINTMENT, new KeyOwner.OfTenant(tenant), "slot", id.toString(), version);
    }
}
