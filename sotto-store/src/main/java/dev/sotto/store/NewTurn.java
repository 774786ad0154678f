package dev.sotto.store;

import static java.util.Objects.requireNonNull;

import dev.sotto.core.TurnId;
import java.time.Duration;

/// A turn to keep.
///
/// @param at when it began, from the start of the call; kept in milliseconds
/// @param length how long it took; kept in milliseconds
public record NewTurn(TurnId id, Speaker speaker, TurnKind kind, Duration at, Duration length, TurnText text) {
    public NewTurn {
        requireNonNull(id, "id");
        requireNonNull(speaker, "speaker");
        requireNonNull(kind, "kind");
        at = Duration.ofMillis(at.toMillis());
        length = Duration.ofMillis(length.toMillis());
        requireNonNull(text, "text");
        if (at.isNegative() || length.isNegative()) {
            throw new IllegalArgumentException("at and length must not be negative");
        }
    }
}
