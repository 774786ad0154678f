package dev.sotto.store;

import dev.sotto.core.ConflictException;
import dev.sotto.core.SottoException;
import dev.sotto.core.UnavailableException;
import dev.sotto.keys.SealedWriter;
import dev.sotto.store.Artifacts.Artifact;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/// Seals audio while it arrives. A whole chunk (16 KiB) is on the disk when the `write` that completed it returns.
/// For one thread.
public final class RecordingWriter implements AutoCloseable {
    private static final long NOTED_EVERY_MILLIS = Duration.ofSeconds(5).toMillis();
    private static final Duration LAST_NOTE = Duration.ofSeconds(1);

    private final AudioObjects objects;
    private final Artifact artifact;
    private final DigestingChannel channel;
    private final SealedWriter sealed;
    private volatile long durableChunks;
    private volatile long notedChunks;
    private volatile long notedAtMillis;
    private @Nullable Thread noting;
    private boolean broken;
    private boolean finished;
    private Artifacts.@Nullable Whole whole;

    RecordingWriter(AudioObjects objects, Artifact artifact, DigestingChannel channel, SealedWriter sealed) {
        this.objects = objects;
        this.artifact = artifact;
        this.channel = channel;
        this.sealed = sealed;
        this.notedAtMillis = objects.rows().clock().millis();
    }

    /// What is written, as it stands.
    public RecordingInfo info() {
        return info(ArtifactState.WRITING, sealed.size(), 0);
    }

    /// Adds mu-law bytes: for a recording, caller and agent interleaved.
    ///
    /// @throws UnavailableException if the disk does not take them; what was durable stays so, and nothing more can
    ///     be written
    public void write(ByteBuffer audio) {
        if (broken || finished) {
            throw new IllegalStateException("the recording takes nothing more");
        }
        broken = true;
        try {
            sealed.write(audio);
            if (sealed.wholeChunks() > durableChunks) {
                channel.force();
                durableChunks = sealed.wholeChunks();
            }
            broken = false;
        } catch (IOException e) {
            throw ObjectFiles.unavailable("the disk does not take the recording", e);
        }
        noteWatermark();
    }

    /// The row learns every five seconds at most how much is durable, and nobody waits for it: a database that is slow
    /// or
    /// down must not hold up the audio behind it. The file goes on alone: the mark says at least, never at most.
    private void noteWatermark() {
        if (isNoteDue() && (noting == null || !noting.isAlive())) {
            noting = Thread.ofVirtual().name("sotto-watermark-" + artifact.id()).start(this::noteDurable);
        }
    }

    private boolean isNoteDue() {
        return durableChunks != notedChunks && objects.rows().clock().millis() - notedAtMillis >= NOTED_EVERY_MILLIS;
    }

    private void noteDurable() {
        try {
            while (isNoteDue()) {
                notedAtMillis = objects.rows().clock().millis();
                long chunks = durableChunks;
                objects.rows()
                        .transactions()
                        .run(
                                artifact.tenant(),
                                sql -> Artifacts.watermark(
                                        sql,
                                        artifact.tenant(),
                                        artifact.id(),
                                        chunks,
                                        chunks * AudioObjects.CHUNK_BYTES));
                notedChunks = chunks;
            }
        } catch (SottoException e) { // the next chunk tries again
            objects.meter().count("store.recording.watermark.failed");
        }
    }

    /// How many bytes were written.
    public long audioBytes() {
        return sealed.size();
    }

    /// Seals the last chunk and notes the object as whole. Audited `recording.sealed` or `message.sealed`, with the
    /// digest of the file. May be called again if the database or the audit log did not answer; the next start
    /// recovers what was never finished.
    ///
    /// @throws UnavailableException if the disk, the database or the audit log does not answer
    public RecordingInfo finish() {
        if (finished || (broken && whole == null)) {
            throw new IllegalStateException("the recording takes nothing more");
        }
        Artifacts.Whole sealedWhole = whole == null ? sealLast() : whole;
        whole = sealedWhole;
        objects.rows().transactions().run(artifact.tenant(), sql -> {
            if (Artifacts.finish(sql, artifact.tenant(), artifact.id(), sealedWhole) == 0) {
                throw new ConflictException(StoreError.ROW_MISMATCH, "the recording's row is gone or was given up");
            }
            if (artifact.kind() == ArtifactKind.MESSAGE) {
                objects.notices().raise(sql, CallNotices.messageTaken(artifact, sealedWhole));
            }
            objects.rows()
                    .ledger()
                    .append(objects.event(AudioObjects.word(artifact.kind()) + ".sealed", artifact)
                            .detail("audio_bytes", sealedWhole.audioBytes())
                            .detail("sealed_bytes", sealedWhole.sealedBytes())
                            .detail("digest", sealedWhole.digest()));
        });
        finished = true;
        return info(ArtifactState.SEALED, sealedWhole.audioBytes(), sealedWhole.sealedBytes());
    }

    private Artifacts.Whole sealLast() {
        broken = true;
        try {
            sealed.finish();
            channel.force();
        } catch (IOException e) {
            throw ObjectFiles.unavailable("the disk does not take the end of the recording", e);
        }
        return new Artifacts.Whole(
                ArtifactState.SEALED,
                sealed.wholeChunks(),
                sealed.size(),
                channel.size(),
                channel.digest(),
                objects.rows().now());
    }

    private RecordingInfo info(ArtifactState state, long audioBytes, long sealedBytes) {
        return new RecordingInfo(
                artifact.id(),
                artifact.call(),
                artifact.kind(),
                state,
                artifact.startedAt(),
                audioBytes,
                sealedBytes,
                artifact.kind().duration(audioBytes));
    }

    /// Lets go of the file. Unless [#finish()] was called, the object stays torn until the next start recovers it.
    @Override
    public void close() {
        sealed.close();
        try {
            if (noting != null) {
                noting.join(LAST_NOTE);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        try {
            channel.close();
        } catch (IOException e) {
            objects.meter().count("store.recording.close.failed");
        }
    }
}
