package dev.sotto.store;

import static java.util.Objects.requireNonNull;

import dev.sotto.core.ActorId;
import dev.sotto.core.AuditEvent;
import dev.sotto.core.CallId;
import java.util.Optional;

/// Who acts, and in which call if in one: what the audit entry of the act names. An act in a call is filed under
/// `call/<id>`, so that a call's entries tell all that was done in it.
public record Acting(ActorId actor, Optional<CallId> call) {
    public Acting {
        requireNonNull(actor, "actor");
        requireNonNull(call, "call");
    }

    /// Outside any call.
    public static Acting as(ActorId actor) {
        return new Acting(actor, Optional.empty());
    }

    /// During a call.
    public static Acting in(CallId call, ActorId actor) {
        return new Acting(actor, Optional.of(call));
    }

    /// Begins the entry of an act on `kind/id`.
    AuditEvent.Builder event(String type, String kind, Object id) {
        var event = AuditEvent.of(type, actor);
        if (call.isPresent()) {
            return event.resource("call", call.get()).detail(kind, id);
        }
        return event.resource(kind, id);
    }
}
