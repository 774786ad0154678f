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
import java.util.Optional;
import java.util.UUID;

/// Seals anew, a little at a time, what compromised class keys expose. Recordings and messages of calls can be; fields
/// of rows cannot yet, and are counted as left. Thread-safe.
final class Resealing {
    private static final int STEP = 50;

    private final KeyService keys;
    private final Store store;
    private final Meter meter;

    Resealing(KeyService keys, Store store, Meter meter) {
        this.keys = keys;
        this.store = store;
        this.meter = meter;
    }

    /// One bounded step.
    ///
    /// @return how many calls were sealed anew
    int step() {
        int done = 0;
        for (KeyStatus key : keys.list(Optional.empty())) {
            if (key.level() != KeyLevel.CLASS || key.state() != KeyState.COMPROMISED || key.recordKeys() == 0) {
                continue;
            }
            if (key.name().equals(DataClass.RECORDING.code())) {
                done += calls(key.tenant(), key.id(), STEP - done);
            } else {
                meter.count("keys.exposed.left", key.recordKeys());
            }
        }
        return done;
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
