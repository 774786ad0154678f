package dev.sotto.server.node;

import dev.sotto.core.ConflictException;
import dev.sotto.core.DataClass;
import dev.sotto.core.KeyOwner;
import dev.sotto.core.Meter;
import dev.sotto.core.TenantId;
import dev.sotto.keys.KeyLevel;
import dev.sotto.keys.KeyService;
import dev.sotto.keys.KeyState;
import dev.sotto.keys.KeyStatus;
import dev.sotto.store.Store;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicLong;

/// Seals anew, a little at a time, what compromised class keys expose: recordings and messages of calls on
/// the node that wrote them, rows on any. What is left is the gauge `keys.exposed.left`, in record keys.
/// Thread-safe.
final class Resealing {
    private static final int STEP = 50;
    private static final int ROWS = 500;

    private final KeyService keys;
    private final Store store;
    private final Meter meter;
    private final AtomicLong left = new AtomicLong();

    Resealing(KeyService keys, Store store, Meter meter) {
        this.keys = keys;
        this.store = store;
        this.meter = meter;
        meter.gauge("keys.exposed.left", left::get);
    }

    /// One bounded step.
    ///
    /// @return how many calls and rows were sealed anew
    int step() {
        int done = 0;
        int rows = 0;
        for (KeyStatus key : exposed()) {
            if (key.name().equals(DataClass.RECORDING.code())) {
                done += calls(key.tenant(), key.id(), STEP - done);
            } else if (rows < ROWS) {
                int resealed = store.exposedRows()
                        .reseal(key.tenant(), key.id(), ROWS - rows)
                        .resealed();
                meter.count("keys.exposed.resealed", resealed);
                rows += resealed;
            }
        }
        left.set(exposed().stream().mapToLong(KeyStatus::recordKeys).sum());
        return done + rows;
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
        for (var exposed : keys.lifecycle().exposed(tenant, key, Optional.empty(), most)) {
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
