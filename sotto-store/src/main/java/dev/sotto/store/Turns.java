package dev.sotto.store;

import dev.sotto.core.ActorId;
import dev.sotto.core.CallId;
import dev.sotto.core.TenantId;
import java.util.List;

/// The sealed turns of calls. Thread-safe; blocks on the database, the keys and the audit log.
public final class Turns {
    /// Keeps a turn at the end of a call. Audited `turn.kept` with the digest of its sealed bytes.
    public void append(TenantId tenant, CallId call, NewTurn turn) {
        Unfinished.value(call.toString());
    }

    /// Every turn of a call, opened, in order. Audited `transcript.opened` before the first is.
    public List<Turn> list(TenantId tenant, CallId call, ActorId actor) {
        return Unfinished.value(call.toString());
    }
}
