package dev.sotto.store;

import java.nio.ByteBuffer;

/// An opened recording or message. Its last chunk was authenticated before anything else. For one thread.
public final class RecordingReader implements AutoCloseable {
    private RecordingReader() {}

    public RecordingInfo info() {
        return Unfinished.value();
    }

    /// How many bytes of mu-law it holds.
    public long sizeBytes() {
        return Unfinished.value();
    }

    /// Reads from `position` into `destination`, as much as is there and fits. Returns the number of bytes, or -1 at
    /// or past the end.
    ///
    /// @throws dev.sotto.core.IntegrityException if a chunk was altered
    public int read(long position, ByteBuffer destination) {
        return Unfinished.value(destination.toString() + position);
    }

    @Override
    public void close() {}
}
