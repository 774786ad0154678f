package dev.sotto.keys;

import dev.sotto.core.ActorId;
import dev.sotto.core.TenantId;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;

/// What use of keys is usual here: learnt while the process runs, and forgotten with it. Thread-safe.
///
/// A period is the time between two reports. Rate: more than ten times the mean of the tenant's earlier periods, and
/// at least a thousand acts, after ten periods. Hour: an hour of the day (UTC) without a use in seven days or more of
/// watching. Tenant: the first use of a tenant after a day of serving others. Actor: the first act on keys by
/// someone, once another acted before.
final class UseProfile {
    static final long MIN_RATE = 1_000;
    static final int RATE_FACTOR = 10;
    static final int PERIODS = 10;
    static final Duration HOURS_AFTER = Duration.ofDays(7);
    static final Duration TENANTS_AFTER = Duration.ofDays(1);
    private static final double WEIGHT = 0.1;
    private static final int MAX_TENANTS = 10_000;
    private static final int MAX_ACTORS = 1_000;
    private static final int HOURS = 24;

    private final Clock clock;
    private final Instant since;
    private final Map<TenantId, Usual> tenants = new Bounded();
    private final Set<ActorId> actors = new HashSet<>();

    private static final class Bounded extends LinkedHashMap<TenantId, Usual> {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<TenantId, Usual> eldest) {
            return size() > MAX_TENANTS;
        }
    }

    private static final class Usual {
        private final Instant since;
        private final boolean[] hours = new boolean[HOURS];
        private double mean;
        private int periods;
        private long now;

        private Usual(Instant since) {
            this.since = since;
        }
    }

    UseProfile(Clock clock) {
        this.clock = clock;
        this.since = clock.instant();
    }

    /// Takes what was done with a tenant's keys in the period that ends. Returns what is unusual about it.
    synchronized List<KeyAnomaly> used(TenantId tenant, Map<UUID, KeyUse> uses) {
        long acts = uses.values().stream().mapToLong(KeyUse::acts).sum();
        if (acts == 0) {
            return List.of();
        }
        var now = clock.instant();
        var most = uses.entrySet().stream()
                .max(Comparator.comparingLong(use -> use.getValue().acts()))
                .map(Map.Entry::getKey);
        var unusual = new ArrayList<KeyAnomaly>();
        var usual = tenants.get(tenant);
        if (usual == null) {
            usual = new Usual(now);
            if (!tenants.isEmpty() && Duration.between(since, now).compareTo(TENANTS_AFTER) >= 0) {
                unusual.add(anomaly(KeyAnomaly.Kind.TENANT, tenant, most, acts, now));
            }
            tenants.put(tenant, usual);
        }
        usual.now += acts;
        if (usual.periods >= PERIODS && acts >= MIN_RATE && acts > usual.mean * RATE_FACTOR) {
            unusual.add(anomaly(KeyAnomaly.Kind.RATE, tenant, most, acts, now));
        }
        int hour = now.atOffset(ZoneOffset.UTC).getHour();
        if (!usual.hours[hour] && Duration.between(usual.since, now).compareTo(HOURS_AFTER) >= 0) {
            unusual.add(anomaly(KeyAnomaly.Kind.HOUR, tenant, most, acts, now));
        }
        usual.hours[hour] = true;
        return unusual;
    }

    /// Counts the period for every tenant, also those whose keys rested.
    synchronized void endPeriod() {
        tenants.values().forEach(usual -> {
            usual.mean = usual.periods == 0 ? usual.now : usual.mean + (usual.now - usual.mean) * WEIGHT;
            usual.periods = Math.min(usual.periods + 1, PERIODS);
            usual.now = 0;
        });
    }

    /// Somebody did something to keys.
    synchronized Optional<KeyAnomaly> acted(TenantId tenant, ActorId actor) {
        boolean first = actors.isEmpty();
        if (actors.size() >= MAX_ACTORS || !actors.add(actor) || first) {
            return Optional.empty();
        }
        return Optional.of(anomaly(KeyAnomaly.Kind.ACTOR, tenant, Optional.empty(), 1, clock.instant()));
    }

    private static KeyAnomaly anomaly(
            KeyAnomaly.Kind kind, TenantId tenant, Optional<UUID> key, long count, Instant at) {
        return new KeyAnomaly(kind, Optional.of(tenant), key, count, at);
    }
}
