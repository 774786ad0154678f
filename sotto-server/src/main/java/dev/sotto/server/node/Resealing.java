package dev.sotto.server.node;

import dev.sotto.core.ConflictException;
import dev.sotto.core.DataClass;
import dev.sotto.core.KeyOwner;
import dev.sotto.core.Meter;
import dev.sotto.core.TenantId;
import dev.sotto.keys.KeyAnomaly;
import dev.sotto.keys.KeyLevel;
import dev.sotto.keys.KeyService;
import dev.sotto.keys.KeyState;
import dev.sotto.keys.KeyStatus;
import dev.sotto.keys.KeyWatcher;
import dev.sotto.store.ExposedRows;
import dev.sotto.store.Store;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Collectors;

/// Seals anew, a little at a time, what compromised class keys expose: recordings and messages of calls on
/// the node that wrote them, rows on any. What cannot be sealed anew now holds up nothing behind it. What is left is
/// the gauge `keys.exposed.left`, in record keys.
/// Thread-safe.
final class Resealing {
    private static final int STEP = 50;
    private static final int ROWS = 500;

    private final KeyService keys;
    private final Store store;
    private final KeyWatcher watcher;
    private final Clock clock;
    private final Meter meter;
    private final AtomicLong left = new AtomicLong();
    private final Map<UUID, UUID> lastCall = new ConcurrentHashMap<>(); // one entry a compromised class key

    /// @param watcher is told of what does not open, each once
    Resealing(KeyService keys, Store store, KeyWatcher watcher, Clock clock, Meter meter) {
        this.keys = keys;
        this.store = store;
        this.watcher = watcher;
        this.clock = clock;
        this.meter = meter;
        meter.gauge("keys.exposed.left", left::get);
        meter.gauge(
                "keys.exposed.refused.rows", () -> store.exposedRows().refused().size());
    }

    /// One bounded step.
    ///
    /// @return how many calls and rows were sealed anew
    int step() {
        int done = 0;
        int rows = 0;
        List<KeyStatus> exposed = exposed();
        Set<UUID> ids = exposed.stream().map(KeyStatus::id).collect(Collectors.toSet());
        store.exposedRows().retain(ids);
        lastCall.keySet().retainAll(ids);
        for (KeyStatus key : exposed) {
            if (key.name().equals(DataClass.RECORDING.code())) {
                done += calls(key.tenant(), key.id(), STEP - done);
            } else if (rows < ROWS) {
                rows += rows(key, ROWS - rows);
            }
        }
        left.set(exposed().stream().mapToLong(KeyStatus::recordKeys).sum());
        return done + rows;
    }

    private int rows(KeyStatus key, int most) {
        ExposedRows.Step step = store.exposedRows().reseal(key.tenant(), key.id(), most);
        meter.count("keys.exposed.resealed", step.resealed());
        if (step.newlyRefused() > 0) {
            watcher.onAnomaly(new KeyAnomaly(
                    KeyAnomaly.Kind.ROW_REFUSED,
                    Optional.of(key.tenant()),
                    Optional.of(key.id()),
                    step.newlyRefused(),
                    clock.instant()));
        }
        return step.resealed();
    }

    /// Compromised class keys that wrap something.
    private List<KeyStatus> exposed() {
        return keys.list(Optional.empty()).stream()
                .filter(key ->
                        key.level() == KeyLevel.CLASS && key.state() == KeyState.COMPROMISED && key.recordKeys() > 0)
                .toList();
    }

    private int calls(TenantId tenant, UUID key, int most) {
        if (most <= 0) {
            return 0;
        }
        int done = 0;
        var found = keys.lifecycle().exposed(tenant, key, Optional.ofNullable(lastCall.get(key)), most);
        if (found.size() < most) {
            lastCall.remove(key); // from the start again: what was busy may be free
        } else {
            lastCall.put(key, found.getLast().id());
        }
        for (var exposed : found) {
            if (exposed.owner() instanceof KeyOwner.OfCall(var call)) {
                try {
                    store.recordings().reseal(tenant, call);
                    meter.count("keys.exposed.resealed");
                    done++;
                } catch (ConflictException stillWritten) {
                    meter.count("keys.exposed.busy"); // its turn comes when the call has ended
                }
            }
        }
        return done;
    }
}
