package dev.sotto.core;

import static java.util.Objects.requireNonNull;

import java.util.UUID;

/// Names one turn of a call: something the caller or the agent said, keyed or did.
public record TurnId(UUID value) {
    public TurnId {
        requireNonNull(value, "value");
    }

    /// Reads the 26-character form.
    ///
    /// @throws RejectedException if `text` is not one
    public static TurnId parse(String text) {
        return new TurnId(TimeOrderedId.parse("turn id", text));
    }

    @Override
    public String toString() {
        return TimeOrderedId.text(value);
    }
}
