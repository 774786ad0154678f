package dev.sotto.core;

import static java.util.Objects.requireNonNull;

import java.util.UUID;

/// Names one time that can be booked.
public record SlotId(UUID value) {
    public SlotId {
        requireNonNull(value, "value");
    }

    /// Reads the 26-character form.
    ///
    /// @throws RejectedException if `text` is not one
    public static SlotId parse(String text) {
        return new SlotId(TimeOrderedId.parse("slot id", text));
    }

    @Override
    public String toString() {
        return TimeOrderedId.text(value);
    }
}
