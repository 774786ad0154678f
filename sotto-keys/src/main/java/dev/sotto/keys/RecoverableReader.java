package dev.sotto.keys;

import dev.sotto.core.IntegrityException;
import java.io.IOException;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/// Opens what is authentic at the start of a torn stream: all chunks up to the first that is cut or altered. It says
/// nothing of what may have followed; whoever keeps a durable watermark compares it with [#wholeChunks()], and fewer
/// means tampering. For one thread; holds one chunk in memory.
public final class RecoverableReader implements AutoCloseable {
    private final @Nullable ChunkReader chunks;
    private final long wholeChunks;
    private final boolean complete;
    private final long size;
    private final long discardedBytes;
    private final Refusals refusals;

    private RecoverableReader(
            @Nullable ChunkReader chunks, long wholeChunks, int lastSealedLength, long channelSize, Refusals refusals) {
        this.chunks = chunks;
        this.wholeChunks = wholeChunks;
        this.complete = lastSealedLength > 0;
        int tail = complete ? lastSealedLength - Cobblestone.TAG_LENGTH : 0;
        this.size = wholeChunks * Cobblestone.CHUNK_LENGTH + tail;
        long authentic = chunks == null
                ? 0
                : ChunkReader.FIRST_CHUNK + wholeChunks * Cobblestone.SEALED_CHUNK_LENGTH + lastSealedLength;
        this.discardedBytes = channelSize - authentic;
        this.refusals = refusals;
    }

    /// Of a stream that ends inside its header.
    static RecoverableReader empty(long channelSize, Refusals refusals) {
        return new RecoverableReader(null, 0, 0, channelSize, refusals);
    }

    static RecoverableReader scan(ChunkReader chunks, long channelSize, Refusals refusals) throws IOException {
        long body = channelSize - ChunkReader.FIRST_CHUNK;
        long present = body / Cobblestone.SEALED_CHUNK_LENGTH;
        long whole = 0;
        while (whole < present && authentic(chunks, whole, Cobblestone.SEALED_CHUNK_LENGTH)) {
            whole++;
        }
        int tail = (int) (body % Cobblestone.SEALED_CHUNK_LENGTH);
        boolean complete = whole == present && tail >= Cobblestone.TAG_LENGTH && authentic(chunks, whole, tail);
        return new RecoverableReader(chunks, whole, complete ? tail : 0, channelSize, refusals);
    }

    private static boolean authentic(ChunkReader chunks, long index, int sealedLength) throws IOException {
        try {
            chunks.load(index, sealedLength);
            return true;
        } catch (SealedDataException cutOrAltered) {
            return false;
        }
    }

    /// Full chunks of 16 KiB, counted from the start, up to the first that is cut or altered.
    public long wholeChunks() {
        return wholeChunks;
    }

    /// True if the short last chunk follows them: the stream was finished and nothing is missing.
    public boolean complete() {
        return complete;
    }

    /// Bytes of plaintext that can be read.
    public long size() {
        return size;
    }

    /// Bytes of the channel behind what is authentic.
    public long discardedBytes() {
        return discardedBytes;
    }

    /// Reads from `position` on, counted from 0, until `to` is full or [#size()] is reached. Returns how many bytes;
    /// -1 if `position` is at or behind the end.
    ///
    /// @throws IntegrityException if a chunk was altered since it was scanned
    public int read(long position, ByteBuffer to) throws IOException {
        if (position < 0) {
            throw new IllegalArgumentException("position (%d) must not be negative".formatted(position));
        }
        if (chunks == null || position >= size) {
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
        if (chunks != null) {
            chunks.close();
        }
    }
}
