package dev.sotto.store;

import dev.sotto.core.TenantId;
import java.util.List;
import java.util.Optional;

/// The businesses on this installation. Thread-safe; blocks on the database.
public final class Tenants {
    /// Makes the tenant's keys, then its row. Audited `tenant.created`.
    ///
    /// @throws dev.sotto.core.ConflictException if its id or inbound number is taken
    public void create(Tenant tenant) {
        Unfinished.value(tenant.toString());
    }

    public Optional<Tenant> find(TenantId id) {
        return Unfinished.value(id.toString());
    }

    /// Whose number callers dialled.
    public Optional<Tenant> byInboundNumber(String e164) {
        return Unfinished.value(e164);
    }

    /// Every business, oldest first.
    public List<Tenant> all() {
        return Unfinished.value();
    }
}
