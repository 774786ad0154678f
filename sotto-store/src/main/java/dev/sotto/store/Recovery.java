package dev.sotto.store;

import dev.sotto.core.CallId;
import dev.sotto.core.ConflictException;
import dev.sotto.core.DataClass;
import dev.sotto.core.IntegrityException;
import dev.sotto.core.KeyOwner;
import dev.sotto.core.TenantId;
import dev.sotto.core.UnavailableException;
import dev.sotto.keys.KeyService;
import dev.sotto.keys.KeysError;
import dev.sotto.store.Artifacts.Artifact;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// What a start does about what a dead node left. It may die itself at any point: the rows of torn objects are changed
/// last, so the next start does it all again.
final class Recovery {
    private static final Logger log = LoggerFactory.getLogger(Recovery.class);

    private final AudioObjects objects;
    private final KeyService keys;
    private final Calls calls;
    private final ReentrantLock one = new ReentrantLock();

    Recovery(AudioObjects objects, KeyService keys, Calls calls) {
        this.objects = objects;
        this.keys = keys;
        this.calls = calls;
    }

    List<Recovered> run(String nodeId) {
        var recovered = new ArrayList<Recovered>();
        one.lock();
        try {
            for (var key : tornOn(nodeId)) {
                recovered.addAll(recoverUnlessRevoked(key));
            }
        } finally {
            one.unlock();
        }
        for (CallRecord call : calls.connectedOn(nodeId)) {
            calls.setOutcome(
                    call.tenant(), call.id(), CallOutcome.LOST, objects.rows().now());
        }
        calls.loseNeverConnected(objects.rows().now());
        recovered.forEach(each -> log.atWarn()
                .addKeyValue("event", "store.recording.recovered")
                .addKeyValue("call", each.call())
                .addKeyValue("artifact", each.id())
                .addKeyValue("state", each.state())
                .addKeyValue("chunks", each.wholeChunks())
                .log("a recording left by a dead node was dealt with"));
        return List.copyOf(recovered);
    }

    /// What lies under a revoked key is left as it is: a later start deals with it, once the key is back.
    private List<Recovered> recoverUnlessRevoked(Calls.CallKey key) {
        try {
            return recoverCall(key.tenant(), key.call());
        } catch (UnavailableException e) {
            if (e.code() != KeysError.KEY_REVOKED && e.code() != KeysError.KEY_NOT_ACTIVE) {
                throw e;
            }
            objects.meter().count("store.recording.revoked");
            log.atWarn()
                    .addKeyValue("event", "store.recording.revoked")
                    .addKeyValue("call", key.call())
                    .log("a recording left by a dead node is under a revoked key and stays torn");
            return List.of();
        }
    }

    /// Seals the objects of a call anew under a fresh record key and destroys the old one.
    ///
    /// @throws ConflictException if one of them is still being written, or lies on another node
    List<Recovered> resealCall(TenantId tenant, CallId call, String nodeId) {
        one.lock();
        try {
            boolean mine =
                    objects.rows().transactions().in(tenant, sql -> Artifacts.areWholeOn(sql, tenant, call, nodeId));
            if (!mine) {
                throw new ConflictException(
                        StoreError.RECORDING_UNFINISHED, "the recording is still being written, or another node's");
            }
            return recoverCall(tenant, call);
        } finally {
            one.unlock();
        }
    }

    private List<Calls.CallKey> tornOn(String nodeId) {
        return objects.rows()
                .transactions()
                .lookup(sql -> sql.list(
                        Calls.CallKey::of, "SELECT tenant_id, call_id FROM sotto.calls_with_torn_audio(?)", nodeId));
    }

    /// All objects of a call hang on one record key, so all are sealed anew before it is destroyed; the torn ones
    /// last.
    private List<Recovered> recoverCall(TenantId tenant, CallId call) {
        var all = objects.rows().transactions().in(tenant, sql -> Artifacts.ofCall(sql, tenant, call));
        var torn = all.stream()
                .filter(artifact -> artifact.state() == ArtifactState.WRITING)
                .toList();
        var whole = all.stream()
                .filter(artifact ->
                        artifact.state() == ArtifactState.SEALED || artifact.state() == ArtifactState.RECOVERED)
                .toList();
        var owner = new KeyOwner.OfCall(call);
        keys.renewRecordKey(tenant, DataClass.RECORDING, owner);

        var resealed = new ArrayList<Resealed>();
        boolean keepOldKey = all.stream().anyMatch(artifact -> artifact.state() == ArtifactState.TAMPERED);
        for (Artifact artifact : whole) {
            keepOldKey |= !reseal(artifact, resealed);
        }
        for (Artifact artifact : torn) {
            keepOldKey |= !reseal(artifact, resealed);
        }
        if (!keepOldKey) {
            keys.destroyReplacedRecordKeys(tenant, DataClass.RECORDING, owner);
        }
        boolean destroyed = !keepOldKey;
        return resealed.stream().map(each -> note(each, destroyed)).toList();
    }

    /// What became of one object.
    private record Resealed(Artifact artifact, long chunks, Optional<Artifacts.Whole> whole) {}

    /// Writes the object anew beside the old file and puts it in its place. False if it was tampered with.
    private boolean reseal(Artifact artifact, List<Resealed> resealed) {
        var outcome = objects.files().exists(artifact.location()) ? copy(artifact) : replaceMissing(artifact);
        resealed.add(outcome);
        return outcome.whole().isPresent();
    }

    private Resealed copy(Artifact artifact) {
        boolean torn = artifact.state() == ArtifactState.WRITING;
        try (FileChannel old = objects.files().read(artifact.location());
                var reader = objects.streams().recover(AudioObjects.context(artifact), old)) {
            boolean enough = torn
                    ? reader.wholeChunks() >= artifact.watermarkChunks()
                    : reader.complete() && reader.size() == artifact.audioBytes();
            if (!enough) {
                return new Resealed(artifact, reader.wholeChunks(), Optional.empty());
            }
            return write(artifact, reader.wholeChunks(), reader.size(), reader::read);
        } catch (IntegrityException e) {
            return new Resealed(artifact, 0, Optional.empty());
        } catch (IOException e) {
            throw ObjectFiles.unavailable("a torn recording cannot be recovered", e);
        }
    }

    /// The row was made, its file was not: nothing had been recorded.
    private Resealed replaceMissing(Artifact artifact) {
        if (artifact.watermarkChunks() > 0 || artifact.state() != ArtifactState.WRITING) {
            return new Resealed(artifact, 0, Optional.empty());
        }
        try {
            return write(artifact, 0, 0, (_, _) -> -1);
        } catch (IOException e) {
            throw ObjectFiles.unavailable("a torn recording cannot be recovered", e);
        }
    }

    private interface Source {
        int read(long position, ByteBuffer destination) throws IOException;
    }

    private Resealed write(Artifact artifact, long chunks, long size, Source source) throws IOException {
        Artifacts.Whole whole;
        try (var channel = new DigestingChannel(objects.files().createReplacement(artifact.location()));
                var writer = objects.streams().create(AudioObjects.context(artifact), channel)) {
            var buffer = ByteBuffer.allocate(AudioObjects.CHUNK_BYTES);
            long position = 0;
            while (position < size) {
                buffer.clear();
                int read = source.read(position, buffer);
                if (read <= 0) {
                    throw new IOException("a recording ended while it was read");
                }
                writer.write(buffer.flip());
                position += read;
            }
            Arrays.fill(buffer.array(), (byte) 0);
            writer.finish();
            channel.force();
            var state = artifact.state() == ArtifactState.SEALED ? ArtifactState.SEALED : ArtifactState.RECOVERED;
            whole = new Artifacts.Whole(
                    state,
                    writer.wholeChunks(),
                    size,
                    channel.size(),
                    channel.digest(),
                    objects.rows().now());
        }
        objects.files().replace(artifact.location());
        return new Resealed(artifact, chunks, Optional.of(whole));
    }

    private Recovered note(Resealed resealed, boolean keyDestroyed) {
        Artifact artifact = resealed.artifact();
        String word = AudioObjects.word(artifact.kind());
        var state = resealed.whole().map(Artifacts.Whole::state).orElse(ArtifactState.TAMPERED);
        String act = switch (state) {
            case SEALED -> ".resealed";
            case RECOVERED -> ".recovered";
            case WRITING, TAMPERED -> ".tampered";
        };
        objects.rows().transactions().run(artifact.tenant(), sql -> {
            if (resealed.whole().isPresent()) {
                Artifacts.finish(
                        sql, artifact.tenant(), artifact.id(), resealed.whole().get());
                if (artifact.kind() == ArtifactKind.MESSAGE && state == ArtifactState.RECOVERED) {
                    objects.notices()
                            .raise(
                                    sql,
                                    CallNotices.messageTaken(
                                            artifact, resealed.whole().get()));
                }
            } else {
                Artifacts.tampered(
                        sql, artifact.tenant(), artifact.id(), objects.rows().now());
            }
            var event = objects.event(word + act, artifact)
                    .detail("chunks", resealed.chunks())
                    .detail("watermark", artifact.watermarkChunks())
                    .detail("old_key", keyDestroyed ? "destroyed" : "kept");
            resealed.whole()
                    .ifPresent(whole ->
                            event.detail("sealed_bytes", whole.sealedBytes()).detail("digest", whole.digest()));
            objects.rows().ledger().append(event);
        });
        objects.meter().count("store.recording" + act);
        return new Recovered(artifact.tenant(), artifact.call(), artifact.id(), state, resealed.chunks());
    }
}
