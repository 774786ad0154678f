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
        if (length.toMinutes() < 1 || length.toDays() > 1) {
            throw Fields.rejected("length must be a minute to a day");
        }
        Fields.text("provider", provider.reveal(), 200);
    }
}
