package dev.sotto.server.node;

import dev.sotto.core.IdSource;
import dev.sotto.store.Store;
import dev.sotto.store.Tenant;

/// Makes the business that the configuration names, once: later starts find it and change nothing.
final class FirstTenant {
    private FirstTenant() {}

    static void provide(NodeConfig.FirstBusiness wanted, Store store, Foundation foundation) {
        if (!store.tenants().all().isEmpty()) {
            return;
        }
        var id = new IdSource(foundation.clock(), foundation.random()).tenantId();
        store.tenants()
                .create(new Tenant(
                        id,
                        wanted.name(),
                        "healthcare",
                        wanted.zone(),
                        wanted.recording(),
                        wanted.transferNumber(),
                        wanted.inboundNumber()));
    }
}
