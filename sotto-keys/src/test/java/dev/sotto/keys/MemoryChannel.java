package dev.sotto.keys;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SeekableByteChannel;
import java.util.Arrays;

/// A file in memory that moves few bytes at a time, as channels may.
final class MemoryChannel implements SeekableByteChannel {
    private static final int MOST_AT_ONCE = 5000;

    private byte[] bytes;
    private int size;
    private int position;
    private long failAfter = Long.MAX_VALUE;

    MemoryChannel() {
        this(new byte[0]);
    }

    MemoryChannel(byte[] content) {
        bytes = content.clone();
        size = content.length;
    }

    /// Lets writes fail once this many bytes are in.
    void failAfter(long length) {
        failAfter = length;
    }

    byte[] content() {
        return Arrays.copyOf(bytes, size);
    }

    @Override
    public int read(ByteBuffer to) {
        if (position >= size) {
            return -1;
        }
        int length = Math.min(MOST_AT_ONCE, Math.min(to.remaining(), size - position));
        to.put(bytes, position, length);
        position += length;
        return length;
    }

    @Override
    public int write(ByteBuffer from) throws IOException {
        int length = Math.min(MOST_AT_ONCE, from.remaining());
        if (position + length > failAfter) {
            throw new IOException("disk full");
        }
        if (position + length > bytes.length) {
            bytes = Arrays.copyOf(bytes, Math.max(position + length, 2 * bytes.length));
        }
        from.get(bytes, position, length);
        position += length;
        size = Math.max(size, position);
        return length;
    }

    @Override
    public long position() {
        return position;
    }

    @Override
    public SeekableByteChannel position(long to) {
        position = Math.toIntExact(to);
        return this;
    }

    @Override
    public long size() {
        return size;
    }

    @Override
    public SeekableByteChannel truncate(long to) {
        size = (int) Math.min(size, to);
        return this;
    }

    @Override
    public boolean isOpen() {
        return true;
    }

    @Override
    public void close() {}
}
