package dev.sotto.store;

import dev.sotto.core.ActorId;
import dev.sotto.core.AuditEvent;
import dev.sotto.core.CallId;
import dev.sotto.core.ConflictException;
import dev.sotto.core.DataClass;
import dev.sotto.core.IntegrityException;
import dev.sotto.core.KeyOwner;
import dev.sotto.core.Meter;
import dev.sotto.core.NotFoundException;
import dev.sotto.core.SealContext;
import dev.sotto.core.TenantId;
import dev.sotto.keys.SealedStreams;
import dev.sotto.keys.SealedWriter;
import dev.sotto.store.Artifacts.Artifact;
import java.io.IOException;
import java.nio.channels.FileChannel;

/// Sealed audio, whichever kind: begins, ends and opens it. Thread-safe.
final class AudioObjects {
    /// How much audio one chunk of a sealed stream holds.
    static final int CHUNK_BYTES = 16 * 1024;

    private final Rows rows;
    private final Notices notices;
    private final ObjectFiles files;
    private final SealedStreams streams;
    private final String nodeId;
    private final Meter meter;

    AudioObjects(Rows rows, Notices notices, ObjectFiles files, SealedStreams streams, String nodeId, Meter meter) {
        this.rows = rows;
        this.notices = notices;
        this.files = files;
        this.streams = streams;
        this.nodeId = nodeId;
        this.meter = meter;
    }

    Rows rows() {
        return rows;
    }

    Notices notices() {
        return notices;
    }

    ObjectFiles files() {
        return files;
    }

    SealedStreams streams() {
        return streams;
    }

    String nodeId() {
        return nodeId;
    }

    Meter meter() {
        return meter;
    }

    /// What an object is sealed as. It is immutable, so its version is 0.
    static SealContext context(Artifact artifact) {
        return new SealContext(
                artifact.tenant(),
                DataClass.RECORDING,
                new KeyOwner.OfCall(artifact.call()),
                "artifact",
                artifact.id().toString(),
                "audio",
                0);
    }

    AuditEvent.Builder event(String type, Artifact artifact) {
        return rows.ledger()
                .event(type, artifact.tenant())
                .resource("call", artifact.call())
                .detail("artifact", artifact.id());
    }

    RecordingWriter start(TenantId tenant, CallId call, ArtifactKind kind) {
        var artifact =
                new Artifact(tenant, rows.ids().artifactId(), call, kind, ArtifactState.WRITING, rows.now(), 0, 0, 0);
        rows.transactions().run(tenant, sql -> {
            var record = Calls.find(sql, tenant, call)
                    .orElseThrow(() -> new NotFoundException(StoreError.NO_SUCH_ROW, "there is no such call"));
            requireAnnounced(record, kind);
            Artifacts.insert(sql, artifact, nodeId);
            rows.ledger().append(event(word(kind) + ".started", artifact));
        });
        FileChannel file = files.create(artifact.location());
        try {
            var channel = new DigestingChannel(file);
            SealedWriter sealed = streams.create(context(artifact), channel);
            channel.force();
            return new RecordingWriter(this, artifact, channel, sealed);
        } catch (IOException e) {
            close(file);
            throw ObjectFiles.unavailable("a sealed object cannot be begun", e);
        } catch (RuntimeException e) {
            close(file);
            throw e;
        }
    }

    /// No audio is kept of a caller who was not told.
    private static void requireAnnounced(CallRecord call, ArtifactKind kind) {
        boolean told = call.announcedAt().isPresent() && (kind == ArtifactKind.MESSAGE || call.recordingAnnounced());
        if (call.state() != CallState.CONNECTED || !told) {
            throw new ConflictException(
                    StoreError.CALL_STATE, "no %s without a connected call that announced it".formatted(word(kind)));
        }
    }

    static String word(ArtifactKind kind) {
        return switch (kind) {
            case RECORDING -> "recording";
            case MESSAGE -> "message";
        };
    }

    RecordingReader open(Artifact artifact, ActorId actor) {
        return open(artifact, RecordingView.AUDIO, actor);
    }

    /// Opens a whole object for `actor`; the entry comes first.
    RecordingReader open(Artifact artifact, RecordingView view, ActorId actor) {
        switch (artifact.state()) {
            case WRITING ->
                throw new ConflictException(StoreError.RECORDING_UNFINISHED, "the recording is still being written");
            case TAMPERED -> throw tampered();
            case SEALED, RECOVERED -> {}
        }
        rows.ledger()
                .append(Acting.in(artifact.call(), actor)
                        .event(word(artifact.kind()) + ".opened", "artifact", artifact.id())
                        .detail("view", view)
                        .tenant(artifact.tenant()));
        FileChannel file = files.read(artifact.location());
        try {
            if (file.size() != artifact.sealedBytes()) {
                throw tampered();
            }
            var reader = streams.open(context(artifact), file);
            if (reader.size() != artifact.audioBytes()) {
                reader.close();
                throw tampered();
            }
            return new RecordingReader(artifact.info(), file, reader);
        } catch (IOException e) {
            close(file);
            throw ObjectFiles.unavailable("a sealed object cannot be read", e);
        } catch (RuntimeException e) {
            close(file);
            meter.count("store.recording.refused");
            throw e;
        }
    }

    private static IntegrityException tampered() {
        return new IntegrityException(StoreError.RECORDING_TAMPERED, "the recording was cut or altered");
    }

    static void close(FileChannel file) {
        try {
            file.close();
        } catch (IOException e) {
            // nothing is lost that was not forced before
        }
    }
}
