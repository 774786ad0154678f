package dev.sotto.server.web;

import dev.sotto.core.AuditEvent;
import dev.sotto.core.CallId;
import dev.sotto.core.LimitedException;
import dev.sotto.core.NotFoundException;
import dev.sotto.core.RejectedException;
import dev.sotto.core.SottoException;
import dev.sotto.core.TenantId;
import dev.sotto.server.node.NodeGate;
import dev.sotto.server.node.NodeServices;
import dev.sotto.server.node.ServerError;
import dev.sotto.store.CallRecord;
import dev.sotto.store.Tenant;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Function;

/// Finds the call a visitor asks for, if it is one of theirs. A call of another tenant and one that never was get
/// the same answer, and both are audited. Thread-safe.
final class CallLookup {
    private static final int REFUSALS_A_MINUTE = 60;
    private static final int KEYS = 10_000;

    private final NodeGate gate;
    private final Throttle refusals;

    CallLookup(WebParts parts) {
        this.gate = parts.gate();
        this.refusals = new Throttle(REFUSALS_A_MINUTE, Duration.ofMinutes(1), KEYS, parts.clock());
    }

    NodeServices services() {
        return gate.services();
    }

    /// The tenant whose data the visitor may see in this request.
    ///
    /// @param named the tenant an operator's tool asks about; a member of staff cannot choose
    TenantId tenant(Visitor visitor, Optional<String> named) {
        return switch (visitor) {
            case Visitor.Staff staff -> staff.tenant();
            case Visitor.Operator _ ->
                TenantId.parse(named.orElseThrow(() -> new RejectedException(
                        ServerError.REQUEST_INVALID, "tenant must be named by an operator's tool")));
        };
    }

    /// The business whose pages a member of staff sees.
    Tenant business(Visitor visitor) {
        TenantId id = tenant(visitor, Optional.empty());
        return services().store().tenants().find(id).orElseThrow(CallLookup::notHere);
    }

    /// @throws NotFoundException if there is no such call, or not for this visitor
    CallRecord find(Visitor visitor, TenantId tenant, String callId) {
        CallId id = parse(callId, CallId::parse);
        Optional<CallRecord> found = services().store().calls().find(tenant, id);
        if (found.isEmpty()) {
            refuse(visitor, tenant, id, "not_here");
        }
        return found.orElseThrow(CallLookup::notHere);
    }

    /// An id of a path. A malformed one is one that is not there.
    <T> T parse(String text, Function<String, T> parser) {
        try {
            return parser.apply(text);
        } catch (RejectedException malformed) {
            throw notHere(malformed);
        }
    }

    /// Notes that a visitor was refused, within a bound.
    ///
    /// @throws LimitedException beyond it
    void refuse(Visitor visitor, TenantId tenant, CallId call, String reason) {
        if (!refusals.tryAcquire(visitor.actor().toString())) {
            throw new LimitedException(ServerError.TOO_MANY, "too many calls were asked for that are not there");
        }
        services()
                .audit()
                .append(AuditEvent.of("access.refused", visitor.actor())
                        .tenant(tenant)
                        .resource("call", call)
                        .detail("reason", reason)
                        .build());
    }

    static NotFoundException notHere() {
        return new NotFoundException(ServerError.NOT_HERE, "there is no such call");
    }

    static NotFoundException notHere(SottoException cause) {
        return new NotFoundException(ServerError.NOT_HERE, "there is no such call", cause);
    }
}
