package dev.sotto.store;

import dev.sotto.core.AppointmentId;
import dev.sotto.core.SensitiveText;
import dev.sotto.core.SlotId;
import dev.sotto.core.SubjectId;
import dev.sotto.core.TenantId;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/// Slots and who has booked them. A slot is taken once. Thread-safe; blocks on the database, the keys and the audit
/// log.
public final class Appointments {
    /// Offers a time. Audited `slot.created`.
    public SlotId addSlot(TenantId tenant, NewSlot slot, Acting acting) {
        return Unfinished.value(acting.toString());
    }

    /// Slots nobody has, soonest first. Audited `slot.listed`.
    ///
    /// @param after only slots that start later
    /// @param limit 1 to 50
    public List<Slot> freeSlots(TenantId tenant, Instant after, int limit, Acting acting) {
        return Unfinished.value(acting.toString());
    }

    /// The subject's soonest booked appointment that starts later than `after`. Audited `appointment.read`.
    public Optional<Appointment> next(TenantId tenant, SubjectId subject, Instant after, Acting acting) {
        return Unfinished.value(acting.toString());
    }

    /// Takes a slot for a person. Audited `appointment.booked` with the digest of the sealed reason.
    ///
    /// @param reason what it is for; may be empty; sealed
    /// @throws dev.sotto.core.ConflictException if somebody has it
    /// @throws dev.sotto.core.NotFoundException if the tenant has no such slot or subject
    public Appointment book(TenantId tenant, SubjectId subject, SlotId slot, SensitiveText reason, Acting acting) {
        return Unfinished.value(acting.toString());
    }

    /// Gives the slot of a booked appointment back. False if the subject has no such booked appointment. Audited
    /// `appointment.cancelled`.
    public boolean cancel(TenantId tenant, AppointmentId appointment, SubjectId subject, Acting acting) {
        return Unfinished.value(acting.toString());
    }
}
