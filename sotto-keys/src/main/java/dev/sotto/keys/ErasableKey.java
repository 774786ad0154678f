package dev.sotto.keys;

import static java.time.temporal.ChronoUnit.MILLIS;
import static java.util.Objects.requireNonNull;

import java.time.Instant;
import java.util.UUID;

/// The row of one version of a record key: the only thing that must be deleted to make all it sealed unreadable.
/// It is kept apart from what it seals.
///
/// @param version from 1; a renewal adds one
/// @param algorithm what the key is used with; see `docs/spec/sealing.md`
/// @param wrapped the key under its class key, whose address is [WrappedKey#kek()]
/// @param createdAt with a precision of milliseconds
public record ErasableKey(
        UUID id, ErasableSlot slot, int version, String algorithm, WrappedKey wrapped, Instant createdAt) {
    public ErasableKey {
        requireNonNull(id, "id");
        requireNonNull(slot, "slot");
        requireNonNull(algorithm, "algorithm");
        requireNonNull(wrapped, "wrapped");
        if (version < 1) {
            throw new IllegalArgumentException("version (%d) must be positive".formatted(version));
        }
        createdAt = createdAt.truncatedTo(MILLIS);
    }
}
