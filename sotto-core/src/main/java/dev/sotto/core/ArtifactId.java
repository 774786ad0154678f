package dev.sotto.core;

import static java.util.Objects.requireNonNull;

import java.util.UUID;

/// Names one sealed object, such as a recording or a voicemail.
public record ArtifactId(UUID value) {
    public ArtifactId {
        requireNonNull(value, "value");
    }

    /// Reads the 26-character form.
    ///
    /// @throws RejectedException if `text` is not one
    public static ArtifactId parse(String text) {
        return new ArtifactId(TimeOrderedId.parse("artifact id", text));
    }

    @Override
    public String toString() {
        return TimeOrderedId.text(value);
    }
}
