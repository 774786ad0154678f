package dev.sotto.store;

import dev.sotto.core.ActorId;
import dev.sotto.core.ArtifactId;
import dev.sotto.core.CallId;
import dev.sotto.core.NotFoundException;
import dev.sotto.core.TenantId;
import dev.sotto.store.Artifacts.Artifact;
import java.util.List;

/// Messages callers left, sealed like recordings. Thread-safe; blocks on the disk, the database, the keys and the
/// audit log.
public final class Messages {
    private final AudioObjects objects;

    Messages(AudioObjects objects) {
        this.objects = objects;
    }

    /// Begins a message. Audited `message.started`.
    ///
    /// @throws dev.sotto.core.ConflictException if the call is not connected, or not announced
    public RecordingWriter start(TenantId tenant, CallId call) {
        return objects.start(tenant, call, ArtifactKind.MESSAGE);
    }

    /// The newest messages first.
    ///
    /// @param limit 1 to 200
    public List<RecordingInfo> list(TenantId tenant, int limit) {
        int most = Fields.limit(limit, 200);
        return objects
                .rows()
                .transactions()
                .in(tenant, sql -> Artifacts.newestOf(sql, tenant, ArtifactKind.MESSAGE, most))
                .stream()
                .map(Artifact::info)
                .toList();
    }

    /// Opens a message. Audited `message.opened` before the first byte. Fails as [Recordings#open] does.
    public RecordingReader open(TenantId tenant, ArtifactId message, ActorId actor) {
        var artifact = objects.rows()
                .transactions()
                .in(tenant, sql -> Artifacts.find(sql, tenant, message))
                .filter(found -> found.kind() == ArtifactKind.MESSAGE)
                .orElseThrow(() -> new NotFoundException(StoreError.NO_SUCH_ROW, "there is no such message"));
        return objects.open(artifact, actor);
    }
}
