package dev.sotto.core;

import static java.util.Objects.requireNonNull;

import java.util.UUID;

/// Names one call. Ids sort by the time the call was offered.
public record CallId(UUID value) {
    public CallId {
        requireNonNull(value, "value");
    }

    /// Reads the 26-character form.
    ///
    /// @throws RejectedException if `text` is not one
    public static CallId parse(String text) {
        return new CallId(TimeOrderedId.parse("call id", text));
    }

    @Override
    public String toString() {
        return TimeOrderedId.text(value);
    }
}
