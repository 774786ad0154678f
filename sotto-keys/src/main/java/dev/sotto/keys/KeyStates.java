package dev.sotto.keys;

import dev.sotto.core.IntegrityException;
import dev.sotto.core.Meter;
import dev.sotto.core.SottoException;
import dev.sotto.core.TenantId;
import dev.sotto.core.UnavailableException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;

/// What this process knows of the states of keys, and whether that is fresh enough to act on. Thread-safe.
///
/// Until the first [#refresh()] nobody polls, and the ages of the caches are the only limit: that is for tools that
/// work alone. From then on, what cannot be read is not trusted.
final class KeyStates {
    private static final long UNREAD = -1;

    private final KeyRecords records;
    private final Clock clock;
    private final Meter meter;
    private final Duration maxAge;
    private final SeenKeys seen = new SeenKeys();
    private final Map<TenantId, Set<UUID>> stopped = new ConcurrentHashMap<>();
    private volatile Dropping caches = Dropping.NOTHING;
    private volatile KeyWatcher watcher = KeyWatcher.none();
    private volatile Optional<Instant> readAt = Optional.empty();
    private volatile boolean unreadable;
    private long epoch = UNREAD;

    /// Unwrapped keys that are held somewhere.
    interface Dropping {
        Dropping NOTHING = new Dropping() {
            @Override
            public void drop(TenantId tenant) {}

            @Override
            public void dropAll() {}
        };

        void drop(TenantId tenant);

        void dropAll();
    }

    KeyStates(KeyRecords records, Clock clock, Meter meter, Duration maxAge) {
        this.records = records;
        this.clock = clock;
        this.meter = meter;
        this.maxAge = maxAge;
    }

    void holders(Dropping held) {
        caches = held;
    }

    void watcher(KeyWatcher other) {
        watcher = other;
    }

    SeenKeys seen() {
        return seen;
    }

    /// Reads what changed. Drops what is held of the tenants it changed for, or of all if nothing could be read.
    ///
    /// @throws SottoException if it could not be read; nothing is sealed or opened until it can
    synchronized void refresh() {
        try {
            long now = records.stateEpoch();
            if (now < epoch) {
                throw new IntegrityException(KeysError.KEY_ROLLED_BACK, "the key state was put back");
            }
            if (epoch == UNREAD) {
                caches.dropAll();
            } else if (now > epoch) {
                records.changedSince(epoch).forEach(this::reload);
            }
            epoch = now;
            readAt = Optional.of(clock.instant());
            unreadable = false;
        } catch (SottoException failed) {
            close();
            throw failed;
        }
    }

    /// Drops what is held of the tenant and learns which of its keys may not be used.
    void reload(TenantId tenant) {
        caches.drop(tenant);
        var rows = records.list(tenant);
        rows.forEach(seen::saw);
        var none = rows.stream()
                .filter(row -> !row.state().opens() || row.state() == KeyState.COMPROMISED)
                .map(KeyRecord::id)
                .collect(Collectors.toUnmodifiableSet());
        if (none.isEmpty()) {
            stopped.remove(tenant);
        } else {
            stopped.put(tenant, none);
        }
        meter.count("keys.state.changed");
    }

    /// Where the last poll is too old, the caller reads itself: a poller that is late is no reason to refuse.
    ///
    /// @throws UnavailableException if the states are polled and cannot be read
    void requireReadable() {
        if (unreadable) {
            throw closed();
        }
        if (isLate()) {
            try {
                refreshIfLate();
            } catch (SottoException failed) {
                throw closed();
            }
        }
    }

    private synchronized void refreshIfLate() {
        if (isLate()) {
            refresh();
        }
    }

    private boolean isLate() {
        var last = readAt;
        if (last.isEmpty()) {
            return false; // nobody polls
        }
        var age = Duration.between(last.get(), clock.instant());
        return age.isNegative() || age.compareTo(maxAge) > 0;
    }

    private static UnavailableException closed() {
        return new UnavailableException(
                KeysError.KEY_STATE_UNREADABLE, "the states of keys cannot be read; nothing is sealed or opened");
    }

    /// For who goes on under a key that was unwrapped earlier.
    ///
    /// @throws UnavailableException if one of `keys` was revoked
    void requireNotRevoked(TenantId tenant, List<UUID> keys) {
        var none = stopped.get(tenant);
        if (none == null) {
            return;
        }
        for (var key : keys) {
            if (none.contains(key)) {
                meter.count("keys.stream.stopped");
                watcher.onAnomaly(new KeyAnomaly(
                        KeyAnomaly.Kind.STREAM_STOPPED, Optional.of(tenant), Optional.of(key), 1, clock.instant()));
                throw new UnavailableException(
                        KeysError.KEY_REVOKED, "the key of the stream was revoked; the stream ends where it is");
            }
        }
    }

    private void close() {
        if (!unreadable) {
            unreadable = true;
            meter.count("keys.state.unreadable");
            watcher.onAnomaly(new KeyAnomaly(
                    KeyAnomaly.Kind.STATE_UNREADABLE, Optional.empty(), Optional.empty(), 1, clock.instant()));
        }
        caches.dropAll();
    }
}
