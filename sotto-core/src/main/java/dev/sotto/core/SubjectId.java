package dev.sotto.core;

import static java.util.Objects.requireNonNull;

import java.util.UUID;

/// Names one person a tenant keeps records about. Random enough to say nothing of the person.
public record SubjectId(UUID value) {
    public SubjectId {
        requireNonNull(value, "value");
    }

    /// Reads the 26-character form.
    ///
    /// @throws RejectedException if `text` is not one
    public static SubjectId parse(String text) {
        return new SubjectId(TimeOrderedId.parse("subject id", text));
    }

    @Override
    public String toString() {
        return TimeOrderedId.text(value);
    }
}
