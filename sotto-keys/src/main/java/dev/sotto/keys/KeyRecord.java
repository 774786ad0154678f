package dev.sotto.keys;

import static java.time.temporal.ChronoUnit.MILLIS;
import static java.util.Objects.requireNonNull;

import java.time.Instant;
import java.util.UUID;

/// The row of one version of a tenant, class or purpose key. Holds the key wrapped, never in clear.
///
/// @param version from 1
/// @param algorithm what the key is used with; see `docs/spec/sealing.md`
/// @param wrapped the key under its parent, whose address is [WrappedKey#kek()]
/// @param createdAt with a precision of milliseconds
public record KeyRecord(
        UUID id, KeySlot slot, int version, KeyState state, String algorithm, WrappedKey wrapped, Instant createdAt) {
    public KeyRecord {
        requireNonNull(id, "id");
        requireNonNull(slot, "slot");
        requireNonNull(state, "state");
        requireNonNull(algorithm, "algorithm");
        requireNonNull(wrapped, "wrapped");
        if (version < 1) {
            throw new IllegalArgumentException("version (%d) must be positive".formatted(version));
        }
        createdAt = createdAt.truncatedTo(MILLIS);
    }
}
