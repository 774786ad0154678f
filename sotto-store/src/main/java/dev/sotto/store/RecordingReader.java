package dev.sotto.store;

import dev.sotto.core.IntegrityException;
import dev.sotto.keys.SealedReader;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;

/// An opened recording or message. Its last chunk was authenticated before anything else. For one thread.
public final class RecordingReader implements AutoCloseable {
    private final RecordingInfo info;
    private final FileChannel file;
    private final SealedReader sealed;

    RecordingReader(RecordingInfo info, FileChannel file, SealedReader sealed) {
        this.info = info;
        this.file = file;
        this.sealed = sealed;
    }

    public RecordingInfo info() {
        return info;
    }

    /// How many bytes of mu-law it holds.
    public long sizeBytes() {
        return sealed.size();
    }

    /// Reads from `position` into `destination`, as much as is there and fits. Returns the number of bytes, or -1 at
    /// or past the end.
    ///
    /// @throws IntegrityException if a chunk was altered
    public int read(long position, ByteBuffer destination) {
        try {
            return sealed.read(position, destination);
        } catch (IOException e) {
            throw ObjectFiles.unavailable("a sealed object cannot be read", e);
        }
    }

    @Override
    public void close() {
        sealed.close();
        AudioObjects.close(file);
    }
}
