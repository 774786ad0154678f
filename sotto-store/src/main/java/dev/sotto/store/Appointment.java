package dev.sotto.store;

import dev.sotto.core.AppointmentId;
import dev.sotto.core.SensitiveText;
import dev.sotto.core.SubjectId;
import java.time.Instant;

/// A slot booked for a person.
///
/// @param reason what it is for; may be empty
public record Appointment(AppointmentId id, SubjectId subject, Slot slot, SensitiveText reason, Instant bookedAt) {}
