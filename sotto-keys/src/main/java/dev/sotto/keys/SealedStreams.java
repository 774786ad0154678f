package dev.sotto.keys;

import dev.sotto.core.SealContext;
import java.io.IOException;
import java.nio.channels.SeekableByteChannel;
import java.nio.channels.WritableByteChannel;

/// Seals and opens what is too long for memory. Thread-safe; what it hands out is not.
@SuppressWarnings({"DoNotCallSuggester", "UnusedVariable"})
public final class SealedStreams {
    public SealedWriter create(SealContext context, WritableByteChannel out) throws IOException {
        throw new UnsupportedOperationException();
    }

    public SealedReader open(SealContext context, SeekableByteChannel in) throws IOException {
        throw new UnsupportedOperationException();
    }

    public RecoverableReader recover(SealContext context, SeekableByteChannel in) throws IOException {
        throw new UnsupportedOperationException();
    }
}
