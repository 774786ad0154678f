package dev.sotto.keys;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SeekableByteChannel;

/// What follows the first bytes of a channel, for reading only. Closing it closes nothing. Not thread-safe,
/// as the channel below it.
final class OffsetChannel implements SeekableByteChannel {
    private final SeekableByteChannel in;
    private final long offset;

    /// @param offset where position 0 is in `in`
    OffsetChannel(SeekableByteChannel in, long offset) {
        this.in = in;
        this.offset = offset;
    }

    @Override
    public int read(ByteBuffer to) throws IOException {
        return in.read(to);
    }

    @Override
    public long position() throws IOException {
        return in.position() - offset;
    }

    @Override
    public SeekableByteChannel position(long position) throws IOException {
        in.position(offset + position);
        return this;
    }

    @Override
    public long size() throws IOException {
        return in.size() - offset;
    }

    @Override
    public int write(ByteBuffer from) {
        throw new UnsupportedOperationException("for reading only");
    }

    @Override
    public SeekableByteChannel truncate(long size) {
        throw new UnsupportedOperationException("for reading only");
    }

    @Override
    public boolean isOpen() {
        return in.isOpen();
    }

    @Override
    public void close() {}
}
