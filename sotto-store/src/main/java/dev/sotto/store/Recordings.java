package dev.sotto.store;

import dev.sotto.core.ActorId;
import dev.sotto.core.CallId;
import dev.sotto.core.TenantId;
import java.util.List;
import java.util.Optional;

/// The sealed recordings of calls. Thread-safe; blocks on the disk, the database, the keys and the audit log.
public final class Recordings {
    /// Begins a recording. Audited `recording.started`.
    public RecordingWriter start(TenantId tenant, CallId call) {
        return Unfinished.value(call.toString());
    }

    /// The newest recording of a call.
    public Optional<RecordingInfo> find(TenantId tenant, CallId call) {
        return Unfinished.value(call.toString());
    }

    /// Every recording of a call, oldest first: a call that was connected twice has two.
    public List<RecordingInfo> list(TenantId tenant, CallId call) {
        return Unfinished.value(call.toString());
    }

    /// Opens the newest recording of a call. Audited `recording.opened` before the first byte.
    ///
    /// @throws dev.sotto.core.NotFoundException if the call has none
    /// @throws dev.sotto.core.ConflictException if it is still being written
    /// @throws dev.sotto.core.IntegrityException if it was cut or altered
    public RecordingReader open(TenantId tenant, CallId call, ActorId actor) {
        return Unfinished.value(call.toString());
    }

    /// Ends what an earlier life of this node left: recordings and messages are opened as far as they are whole and
    /// sealed anew under fresh keys, and calls still connected become lost. Called once at start, before any call.
    public List<Recovered> recoverAll(String nodeId) {
        return Unfinished.value(nodeId);
    }
}
