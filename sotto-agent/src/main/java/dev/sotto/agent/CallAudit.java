package dev.sotto.agent;

import dev.sotto.core.AuditEvent;
import dev.sotto.core.AuditSink;
import dev.sotto.core.CallId;
import dev.sotto.core.TenantId;
import java.util.Map;

/// The audit entries of one call's agent. Thread-safe; blocks until durable.
record CallAudit(AuditSink sink, TenantId tenant, CallId call) {
    /// Records a fact about the call.
    ///
    /// @throws dev.sotto.core.UnavailableException if it may not be durable; the caller must not act
    void append(String type, Map<String, ?> details) {
        var event =
                AuditEvent.of(type, StoreCallFile.RECEPTIONIST).tenant(tenant).resource("call", call);
        details.forEach(event::detail);
        sink.append(event.build());
    }
}
