package dev.sotto.store;

import dev.sotto.core.ActorId;
import dev.sotto.core.CallId;
import dev.sotto.core.NotFoundException;
import dev.sotto.core.TenantId;
import dev.sotto.store.Artifacts.Artifact;
import java.util.List;
import java.util.Optional;

/// The sealed recordings of calls. Thread-safe; blocks on the disk, the database, the keys and the audit log.
public final class Recordings {
    private final AudioObjects objects;
    private final Recovery recovery;

    Recordings(AudioObjects objects, Recovery recovery) {
        this.objects = objects;
        this.recovery = recovery;
    }

    /// Begins a recording. Audited `recording.started`.
    ///
    /// @throws dev.sotto.core.ConflictException if the call is not connected, or the caller was not told that it is
    ///     recorded
    public RecordingWriter start(TenantId tenant, CallId call) {
        return objects.start(tenant, call, ArtifactKind.RECORDING);
    }

    /// The newest recording of a call.
    public Optional<RecordingInfo> find(TenantId tenant, CallId call) {
        return newest(tenant, call).map(Artifact::info);
    }

    /// Every recording of a call, oldest first: a call that was connected twice has two.
    public List<RecordingInfo> list(TenantId tenant, CallId call) {
        return all(tenant, call).stream().map(Artifact::info).toList();
    }

    /// Opens the newest recording of a call to be heard.
    public RecordingReader open(TenantId tenant, CallId call, ActorId actor) {
        return open(tenant, call, RecordingView.AUDIO, actor);
    }

    /// Opens the newest recording of a call. Audited `recording.opened` before the first byte.
    ///
    /// @param view what of it is to be shown, as the entry says
    /// @throws dev.sotto.core.NotFoundException if the call has none
    /// @throws dev.sotto.core.ConflictException if it is still being written
    /// @throws dev.sotto.core.IntegrityException if it was cut or altered
    public RecordingReader open(TenantId tenant, CallId call, RecordingView view, ActorId actor) {
        var artifact = newest(tenant, call)
                .orElseThrow(() -> new NotFoundException(StoreError.NO_SUCH_ROW, "the call has no recording"));
        return objects.open(artifact, view, actor);
    }

    /// Ends what an earlier life of this node left: recordings and messages are opened as far as they are whole and
    /// sealed anew under fresh keys, and calls still connected become lost, as do offered ones whose stream never
    /// came. Called once at start, before any call.
    ///
    /// An object with fewer whole chunks than were durable is not resealed but kept as it is, with its key, marked
    /// [ArtifactState#TAMPERED] and audited `recording.tampered`; opening it is an
    /// [dev.sotto.core.IntegrityException].
    public List<Recovered> recoverAll(String nodeId) {
        return recovery.run(nodeId);
    }

    /// Seals all recordings and messages of a call anew under a fresh key and destroys the old one, for keys that
    /// others may know. Audited as `recording.resealed` or `message.resealed`. One that does not open any more is
    /// kept with its key, marked [ArtifactState#TAMPERED].
    ///
    /// @throws dev.sotto.core.ConflictException if one is still being written, or was written by another node
    public List<Recovered> reseal(TenantId tenant, CallId call) {
        return recovery.resealCall(tenant, call, objects.nodeId());
    }

    private Optional<Artifact> newest(TenantId tenant, CallId call) {
        return all(tenant, call).stream().reduce((_, last) -> last);
    }

    private List<Artifact> all(TenantId tenant, CallId call) {
        return objects.rows().transactions().in(tenant, sql -> Artifacts.ofCall(sql, tenant, call)).stream()
                .filter(artifact -> artifact.kind() == ArtifactKind.RECORDING)
                .toList();
    }
}
