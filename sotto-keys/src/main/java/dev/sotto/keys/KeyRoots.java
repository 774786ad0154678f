package dev.sotto.keys;

import static java.util.Objects.requireNonNull;

import dev.sotto.core.RejectedException;
import java.util.Optional;

/// Under which root keys tenant keys are wrapped, by tier. Root keys stay in their key service.
///
/// @param backup empty if this service makes no keys of the backup tier
public record KeyRoots(KeyUri primary, Optional<KeyUri> backup) {
    public KeyRoots {
        requireNonNull(primary, "primary");
        requireNonNull(backup, "backup");
        if (backup.filter(primary::equals).isPresent()) {
            throw new IllegalArgumentException("backup must not be the primary root key");
        }
    }

    /// One root key, for keys of the primary tier only.
    public static KeyRoots primary(KeyUri primary) {
        return new KeyRoots(primary, Optional.empty());
    }

    KeyUri of(KeyTier tier) {
        return switch (tier) {
            case PRIMARY -> primary;
            case BACKUP ->
                backup.orElseThrow(() ->
                        new RejectedException(KeysError.KEY_URI_INVALID, "no root key of the backup tier is set"));
        };
    }
}
