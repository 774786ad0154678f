package dev.sotto.store;

import dev.sotto.core.CallId;
import dev.sotto.core.TenantId;
import dev.sotto.store.Artifacts.Artifact;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;

/// What [AudioObjects] and [RecordingWriter] do, without sealing: the same rows, entries, digest, writes of 16 KiB, and
/// the same bytes forced to the disk as often.
final class PlainAudio implements CallIntake.Audio {
    private final AudioObjects objects;
    private final TenantId tenant;

    PlainAudio(AudioObjects objects, TenantId tenant) {
        this.objects = objects;
        this.tenant = tenant;
    }

    @Override
    public void keep(CallId call, ArtifactKind kind, byte[] bytes, int portion) {
        var artifact = begin(call, kind);
        try (var channel = new DigestingChannel(objects.files().create(artifact.location()))) {
            channel.force();
            var chunk = ByteBuffer.allocate(AudioObjects.CHUNK_BYTES);
            for (int at = 0; at < bytes.length; at += portion) {
                add(ByteBuffer.wrap(bytes, at, Math.min(portion, bytes.length - at)), chunk, channel);
            }
            channel.write(chunk.flip());
            channel.force();
            end(artifact, bytes.length, channel);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void add(ByteBuffer portion, ByteBuffer chunk, DigestingChannel channel) throws IOException {
        while (portion.hasRemaining()) {
            int length = Math.min(portion.remaining(), chunk.remaining());
            chunk.put(portion.slice(portion.position(), length));
            portion.position(portion.position() + length);
            if (!chunk.hasRemaining()) {
                channel.write(chunk.flip());
                channel.force();
                chunk.clear();
            }
        }
    }

    private Artifact begin(CallId call, ArtifactKind kind) {
        var rows = objects.rows();
        var artifact =
                new Artifact(tenant, rows.ids().artifactId(), call, kind, ArtifactState.WRITING, rows.now(), 0, 0, 0);
        rows.transactions().run(tenant, sql -> {
            if (Calls.find(sql, tenant, call).isEmpty()) {
                throw new IllegalStateException("there is no such call");
            }
            Artifacts.insert(sql, artifact, objects.nodeId());
            rows.ledger().append(objects.event(AudioObjects.word(kind) + ".started", artifact));
        });
        return artifact;
    }

    private void end(Artifact artifact, int length, DigestingChannel channel) {
        var rows = objects.rows();
        var whole = new Artifacts.Whole(
                ArtifactState.SEALED,
                length / AudioObjects.CHUNK_BYTES,
                length,
                channel.size(),
                channel.digest(),
                rows.now());
        rows.transactions().run(tenant, sql -> {
            if (Artifacts.finish(sql, tenant, artifact.id(), whole) != 1) {
                throw new IllegalStateException("the row of an object is gone");
            }
            if (artifact.kind() == ArtifactKind.MESSAGE) {
                objects.notices().raise(sql, CallNotices.messageTaken(artifact, whole));
            }
            rows.ledger()
                    .append(objects.event(AudioObjects.word(artifact.kind()) + ".sealed", artifact)
                            .detail("audio_bytes", whole.audioBytes())
                            .detail("sealed_bytes", whole.sealedBytes())
                            .detail("digest", whole.digest()));
        });
    }
}
