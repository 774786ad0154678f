package dev.sotto.keys;

import java.io.IOException;
import java.nio.ByteBuffer;

/// Seals a stream as it comes. Each full chunk of 16 KiB leaves at once; nothing else is held.
@SuppressWarnings({"DoNotCallSuggester", "UnusedVariable"})
public final class SealedWriter implements AutoCloseable {
    SealedWriter() {}

    public void write(ByteBuffer plaintext) throws IOException {
        throw new UnsupportedOperationException();
    }

    public long wholeChunks() {
        throw new UnsupportedOperationException();
    }

    /// Bytes of plaintext taken so far.
    public long size() {
        throw new UnsupportedOperationException();
    }

    public void finish() throws IOException {
        throw new UnsupportedOperationException();
    }

    @Override
    public void close() {}
}
