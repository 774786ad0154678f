package dev.sotto.store;

import java.nio.ByteBuffer;

/// Seals audio while it arrives. A whole chunk (16 KiB) is on the disk when the `write` that completed it
/// returns. For one thread.
public final class RecordingWriter implements AutoCloseable {
    private RecordingWriter() {}

    /// Adds mu-law bytes: for a recording, caller and agent interleaved.
    ///
    /// @throws dev.sotto.core.UnavailableException if the disk does not take them; what was durable stays so
    public void write(ByteBuffer audio) {
        Unfinished.value(audio.toString());
    }

    /// How many bytes were written.
    public long audioBytes() {
        return Unfinished.value();
    }

    /// Seals the last chunk and notes the object as whole. Audited `recording.sealed` or `message.sealed`, with the
    /// digest of the file.
    ///
    /// @throws dev.sotto.core.UnavailableException if the disk, the database or the audit log does not answer; the
    ///     next start recovers it
    public RecordingInfo finish() {
        return Unfinished.value();
    }

    /// Lets go of the file. Unless [#finish()] was called, the object stays torn until the next start recovers it.
    @Override
    public void close() {}
}
