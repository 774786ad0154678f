package dev.sotto.agent;

import dev.sotto.agent.Sessions.Session;
import dev.sotto.core.AuditSink;
import dev.sotto.core.SensitiveText;
import dev.sotto.store.CallRecord;
import dev.sotto.store.Store;
import dev.sotto.store.Tenant;
import java.time.Clock;
import org.jspecify.annotations.Nullable;

/// What a call needs that connects here, whatever carries it.
record CallSetting(Tenant tenant, Session session, CallFile file, CallAudit audit, ToolDesk tools) {
    /// @param from the caller's number, if it need not be opened from the store
    static CallSetting of(
            CallRecord record,
            @Nullable SensitiveText from,
            ReceptionConfig config,
            Store store,
            AuditSink audit,
            Clock clock) {
        var tenant = store.tenants()
                .find(record.tenant())
                .orElseThrow(() -> new IllegalStateException("a call of no tenant"));
        var number = from != null
                ? from
                : store.calls().revealFrom(record.tenant(), record.id(), StoreCallFile.RECEPTIONIST);
        var session =
                new Session(tenant.id(), record.id(), tenant.transferNumber().orElse(null));
        var file = new StoreCallFile(store, tenant.id(), record.id(), number, config.attempts(), clock);
        var callAudit = new CallAudit(audit, tenant.id(), record.id());
        var gate = new IdentityGate(file, callAudit, config.attempts());
        boolean person = tenant.transferNumber().isPresent();
        return new CallSetting(
                tenant, session, file, callAudit, new ToolDesk(file, callAudit, gate, tenant.zone(), person));
    }

    /// Whether there is a number to pass callers to.
    boolean person() {
        return tenant.transferNumber().isPresent();
    }
}
