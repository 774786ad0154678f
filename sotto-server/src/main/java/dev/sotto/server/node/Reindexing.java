package dev.sotto.server.node;

import dev.sotto.core.Meter;
import dev.sotto.core.TenantId;
import dev.sotto.keys.KeyLevel;
import dev.sotto.keys.KeyService;
import dev.sotto.keys.KeyState;
import dev.sotto.keys.KeyStatus;
import dev.sotto.store.IndexRows;
import dev.sotto.store.Store;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Computes blind indexes anew, a little at a time, after their keys were replaced. How many versions are still to be
/// retired is the gauge `keys.index.left`. Thread-safe.
final class Reindexing {
    private static final Logger LOG = LoggerFactory.getLogger(Reindexing.class);
    private static final int ROWS = 500;

    private final KeyService keys;
    private final Store store;
    private final AtomicLong left = new AtomicLong();

    Reindexing(KeyService keys, Store store, Meter meter) {
        this.keys = keys;
        this.store = store;
        meter.gauge("keys.index.left", left::get);
    }

    /// One bounded step. The operator comes last: what all tenants share ends when the last of them is done.
    void step() {
        int rows = 0;
        for (TenantId tenant : tenants()) {
            if (rows < ROWS && !tenant.equals(TenantId.OPERATOR)) {
                rows += step(tenant, ROWS - rows);
            }
        }
        step(TenantId.OPERATOR, ROWS);
        left.set(keys.list(Optional.empty()).stream().filter(Reindexing::isLeft).count());
    }

    private int step(TenantId tenant, int most) {
        IndexRows.Step step = store.indexRows().step(tenant, most);
        if (step.recomputed() + step.retired() > 0) {
            LOG.atInfo()
                    .addKeyValue("event", "server.index.recomputed")
                    .addKeyValue("tenant", tenant)
                    .addKeyValue("rows", step.recomputed())
                    .addKeyValue("refused", step.refused())
                    .addKeyValue("retired", step.retired())
                    .log("blind indexes were computed anew");
        }
        return step.recomputed();
    }

    private List<TenantId> tenants() {
        return keys.list(Optional.empty()).stream()
                .map(KeyStatus::tenant)
                .distinct()
                .toList();
    }

    private static boolean isLeft(KeyStatus key) {
        return key.level() == KeyLevel.PURPOSE
                && !key.retired()
                && (key.state() == KeyState.DEACTIVATED || key.state() == KeyState.COMPROMISED);
    }
}
