package dev.sotto.keys;

import java.io.IOException;
import java.nio.ByteBuffer;

/// Opens any part of a sealed stream.
@SuppressWarnings({"DoNotCallSuggester", "UnusedVariable"})
public final class SealedReader implements AutoCloseable {
    SealedReader() {}

    public long size() {
        throw new UnsupportedOperationException();
    }

    /// Reads at most `to.remaining()` bytes from `position` on; -1 at the end.
    public int read(long position, ByteBuffer to) throws IOException {
        throw new UnsupportedOperationException();
    }

    @Override
    public void close() {}
}
