package dev.sotto.store;

import static java.util.Objects.requireNonNull;

import dev.sotto.core.SensitiveText;
import java.time.Duration;
import java.time.Instant;

/// A time to offer.
///
/// @param provider with whom; sealed
public record NewSlot(Instant startsAt, Duration length, SensitiveText provider) {
    public NewSlot {
        requireNonNull(startsAt, "startsAt");
        if (!length.isPositive()) {
            throw Fields.rejected("length must be positive");
        }
        Fields.text("provider", provider.reveal(), 200);
    }
}
