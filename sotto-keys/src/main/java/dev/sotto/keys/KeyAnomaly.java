package dev.sotto.keys;

import static java.util.Objects.requireNonNull;

import dev.sotto.core.TenantId;
import java.time.Instant;
import java.util.Locale;
import java.util.Optional;
import java.util.UUID;

/// A use of keys that is out of the ordinary. Holds ids and counts only.
///
/// @param tenant whose keys; empty if it is about all
/// @param key which key, if one
/// @param count how many acts it was about
public record KeyAnomaly(Kind kind, Optional<TenantId> tenant, Optional<UUID> key, long count, Instant at) {
    /// What is out of the ordinary.
    public enum Kind {
        /// Many more acts in one period than in those before.
        RATE,
        /// Use at an hour of the day at which the tenant's keys are not used.
        HOUR,
        /// The first use of a tenant's keys by a node that has long served others.
        TENANT,
        /// An act on keys by someone who never did one here before.
        ACTOR,
        /// A stream under way stopped because its key was revoked.
        STREAM_STOPPED,
        /// The states of keys cannot be read: nothing is sealed or opened.
        STATE_UNREADABLE,
        /// After a compromise something that was to be sealed anew does not open: it was altered.
        ROW_REFUSED;

        /// The stable name, lower case with underscores.
        public String code() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    public KeyAnomaly {
        requireNonNull(kind, "kind");
        requireNonNull(tenant, "tenant");
        requireNonNull(key, "key");
        requireNonNull(at, "at");
    }
}
