package dev.sotto.core;

import static java.util.Objects.requireNonNull;

import java.util.UUID;

/// Names one member of a tenant's staff.
public record UserId(UUID value) {
    public UserId {
        requireNonNull(value, "value");
    }

    /// Reads the 26-character form.
    ///
    /// @throws RejectedException if `text` is not one
    public static UserId parse(String text) {
        return new UserId(TimeOrderedId.parse("user id", text));
    }

    @Override
    public String toString() {
        return TimeOrderedId.text(value);
    }
}
