package dev.sotto.core;

import static java.util.Objects.requireNonNull;

import java.util.UUID;

/// Names one appointment. Says nothing of whom it is with or for.
public record AppointmentId(UUID value) {
    public AppointmentId {
        requireNonNull(value, "value");
    }

    /// Reads the 26-character form.
    ///
    /// @throws RejectedException if `text` is not one
    public static AppointmentId parse(String text) {
        return new AppointmentId(TimeOrderedId.parse("appointment id", text));
    }

    @Override
    public String toString() {
        return TimeOrderedId.text(value);
    }
}
