package dev.sotto.keys;

import dev.sotto.core.IntegrityException;
import java.io.IOException;
import java.nio.ByteBuffer;

/// Opens any part of a finished stream, whose length is authentic. For one thread; holds one chunk in memory.
public final class SealedReader implements AutoCloseable {
    private final ChunkReader chunks;
    private final long size;
    private final Refusals refusals;

    private SealedReader(ChunkReader chunks, long size, Refusals refusals) {
        this.chunks = chunks;
        this.size = size;
        this.refusals = refusals;
    }

    static SealedReader open(ChunkReader chunks, long channelSize, Refusals refusals)
            throws IOException, SealedDataException {
        long size = Cobblestone.plainLength(channelSize - SealedHeader.LENGTH);
        var reader = new SealedReader(chunks, size, refusals);
        reader.load(size / Cobblestone.CHUNK_LENGTH);
        return reader;
    }

    /// Bytes of plaintext.
    public long size() {
        return size;
    }

    /// Reads from `position` on, counted from 0, until `to` is full or the stream ends. Returns how many bytes; -1 if
    /// `position` is at or behind the end.
    ///
    /// @throws IntegrityException if a chunk on the way was altered; `to` then holds the authentic bytes before it
    ///     and nothing of it
    public int read(long position, ByteBuffer to) throws IOException {
        if (position < 0) {
            throw new IllegalArgumentException("position (%d) must not be negative".formatted(position));
        }
        if (position >= size) {
            return -1;
        }
        try {
            return chunks.read(position, size, to);
        } catch (SealedDataException altered) {
            throw refusals.refuse(altered);
        }
    }

    /// Forgets the key and the chunk held.
    @Override
    public void close() {
        chunks.close();
    }

    private void load(long index) throws IOException, SealedDataException {
        long rest = size - index * Cobblestone.CHUNK_LENGTH;
        chunks.load(index, (int) Math.min(rest, Cobblestone.CHUNK_LENGTH) + Cobblestone.TAG_LENGTH);
    }
}
