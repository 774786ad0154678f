package dev.sotto.benchmarks.sealing;

import java.nio.ByteBuffer;
import java.nio.channels.SeekableByteChannel;

/// A buffer as a channel: no disk and no system call is in what is measured. Belongs to one thread.
final class BufferChannel implements SeekableByteChannel {
    private final ByteBuffer buffer;
    private long size;

    private BufferChannel(ByteBuffer buffer, long size) {
        this.buffer = buffer;
        this.size = size;
    }

    /// Writes from the start of `buffer`.
    static BufferChannel into(ByteBuffer buffer) {
        return new BufferChannel(buffer.clear(), 0);
    }

    /// Reads what is between position and limit of `buffer`.
    static BufferChannel of(ByteBuffer buffer) {
        return new BufferChannel(buffer.duplicate(), buffer.limit());
    }

    @Override
    public int read(ByteBuffer to) {
        int left = (int) (size - buffer.position());
        if (left <= 0) {
            return -1;
        }
        int some = Math.min(left, to.remaining());
        to.put(buffer.slice(buffer.position(), some));
        buffer.position(buffer.position() + some);
        return some;
    }

    @Override
    public int write(ByteBuffer from) {
        int some = from.remaining();
        buffer.put(from);
        size = Math.max(size, buffer.position());
        return some;
    }

    @Override
    public long position() {
        return buffer.position();
    }

    @Override
    public BufferChannel position(long position) {
        buffer.position((int) position);
        return this;
    }

    @Override
    public long size() {
        return size;
    }

    @Override
    public BufferChannel truncate(long smaller) {
        throw new UnsupportedOperationException("nothing that is measured cuts a stream");
    }

    @Override
    public boolean isOpen() {
        return true;
    }

    @Override
    public void close() {
        // nothing is held
    }
}
