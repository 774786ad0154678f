package dev.sotto.core;

import static java.util.Objects.requireNonNull;

import java.util.UUID;

/// Names one notice: something that happened and that somebody outside is told of. Ids sort by the time it was kept.
public record NoticeId(UUID value) {
    public NoticeId {
        requireNonNull(value, "value");
    }

    /// Reads the 26-character form.
    ///
    /// @throws RejectedException if `text` is not one
    public static NoticeId parse(String text) {
        return new NoticeId(TimeOrderedId.parse("notice id", text));
    }

    @Override
    public String toString() {
        return TimeOrderedId.text(value);
    }
}
