package dev.sotto.keys;

import dev.sotto.core.ActorId;
import dev.sotto.core.Meter;
import dev.sotto.core.SottoException;
import dev.sotto.core.TenantId;
import java.time.Clock;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;

/// Counts what is done with keys that are held unwrapped, and reports the counts now and then. Thread-safe; counting
/// blocks on nothing but itself.
final class KeyUsage {
    private static final int MAX_KEYS = 10_000;

    private final KeyRecords records;
    private final KeyAudit audit;
    private final Clock clock;
    private final Meter meter;
    private final UseProfile profile;
    private Map<Used, KeyUse> counts = new HashMap<>();
    private volatile KeyWatcher watcher = KeyWatcher.none();

    private record Used(TenantId tenant, UUID key) {}

    KeyUsage(KeyRecords records, KeyAudit audit, Clock clock, Meter meter) {
        this.records = records;
        this.audit = audit;
        this.clock = clock;
        this.meter = meter;
        this.profile = new UseProfile(clock);
    }

    void watcher(KeyWatcher other) {
        watcher = other;
    }

    void wrapped(TenantId tenant, UUID key) {
        add(tenant, key, new KeyUse(1, 0, 0, 0, 0));
    }

    void unwrapped(TenantId tenant, UUID key) {
        add(tenant, key, new KeyUse(0, 0, 0, 1, 0));
    }

    /// @param above of the key that sealed; the nearest is counted
    void sealed(TenantId tenant, List<UUID> above, long bytes) {
        if (!above.isEmpty()) {
            add(tenant, above.getFirst(), new KeyUse(0, 1, 0, 0, bytes));
        }
    }

    /// More of something whose seal was counted.
    void grew(TenantId tenant, List<UUID> above, long bytes) {
        if (!above.isEmpty()) {
            add(tenant, above.getFirst(), new KeyUse(0, 0, 0, 0, bytes));
        }
    }

    void opened(TenantId tenant, List<UUID> above) {
        if (!above.isEmpty()) {
            add(tenant, above.getFirst(), new KeyUse(0, 0, 1, 0, 0));
        }
    }

    /// A hash made with a purpose key.
    void hashed(TenantId tenant, UUID key) {
        add(tenant, key, new KeyUse(0, 1, 0, 0, 0));
    }

    /// Whose management act this is. Returns at once.
    void acted(TenantId tenant, ActorId actor) {
        profile.acted(tenant, actor).ifPresent(watcher::onAnomaly);
    }

    /// Writes the counts since the last time into the audit log, one entry a key, and adds them to the rows. What was
    /// not taken is kept for the next time, so that an entry may come twice but never too seldom.
    ///
    /// @throws SottoException if log or rows did not answer
    void flush() {
        Map<Used, KeyUse> taken;
        synchronized (this) {
            taken = counts;
            counts = new HashMap<>();
        }
        var byTenant = new HashMap<TenantId, Map<UUID, KeyUse>>();
        taken.forEach((used, use) ->
                byTenant.computeIfAbsent(used.tenant(), _ -> new HashMap<>()).put(used.key(), use));
        try {
            for (var each : List.copyOf(byTenant.keySet())) {
                var uses = byTenant.getOrDefault(each, Map.of());
                uses.forEach((key, use) -> audit.used(each, key, use));
                records.addUse(each, uses, clock.instant());
                byTenant.remove(each);
                profile.used(each, uses).forEach(watcher::onAnomaly);
            }
            profile.endPeriod();
        } finally {
            byTenant.forEach((tenant, uses) -> uses.forEach((key, use) -> add(tenant, key, use)));
        }
    }

    private synchronized void add(TenantId tenant, UUID key, KeyUse use) {
        var used = new Used(tenant, key);
        if (counts.size() >= MAX_KEYS && !counts.containsKey(used)) {
            meter.count("keys.usage.uncounted");
            return;
        }
        counts.merge(used, use, KeyUse::plus);
    }
}
