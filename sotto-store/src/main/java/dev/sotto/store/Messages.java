package dev.sotto.store;

import dev.sotto.core.ActorId;
import dev.sotto.core.ArtifactId;
import dev.sotto.core.CallId;
import dev.sotto.core.TenantId;
import java.util.List;

/// Messages callers left, sealed like recordings. Thread-safe; blocks on the disk, the database, the keys and the
/// audit log.
public final class Messages {
    /// Begins a message. Audited `message.started`.
    public RecordingWriter start(TenantId tenant, CallId call) {
        return Unfinished.value(call.toString());
    }

    /// The newest messages first.
    ///
    /// @param limit 1 to 200
    public List<RecordingInfo> list(TenantId tenant, int limit) {
        return Unfinished.value(tenant.toString());
    }

    /// Opens a message. Audited `message.opened` before the first byte. Fails as [Recordings#open] does.
    public RecordingReader open(TenantId tenant, ArtifactId message, ActorId actor) {
        return Unfinished.value(message.toString());
    }
}
