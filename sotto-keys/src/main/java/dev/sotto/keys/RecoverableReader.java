package dev.sotto.keys;

import java.io.IOException;
import java.nio.ByteBuffer;

/// Opens what is authentic at the start of a torn stream.
@SuppressWarnings({"DoNotCallSuggester", "UnusedVariable"})
public final class RecoverableReader implements AutoCloseable {
    RecoverableReader() {}

    /// Full chunks of 16 KiB, counted from the start, up to the first that is cut or altered.
    public long wholeChunks() {
        throw new UnsupportedOperationException();
    }

    /// True if the short last chunk follows them: the stream was finished and is whole.
    public boolean complete() {
        throw new UnsupportedOperationException();
    }

    /// Bytes of plaintext that can be read.
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
