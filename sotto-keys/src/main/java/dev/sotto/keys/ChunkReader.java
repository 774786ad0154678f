package dev.sotto.keys;

import dev.sotto.keys.SealedDataException.Cause;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SeekableByteChannel;
import java.util.Arrays;

/// Opens single chunks of a stream and keeps the last one opened. Not thread-safe.
final class ChunkReader implements AutoCloseable {
    /// Where the first chunk starts: behind header, salt and commitment.
    static final int FIRST_CHUNK = SealedHeader.LENGTH + Cobblestone.PREFIX_LENGTH;

    private static final long NONE = -1;

    private final SeekableByteChannel in;
    private final Cobblestone message;
    private final byte[] plain = new byte[Cobblestone.CHUNK_LENGTH];
    private final ByteBuffer sealed = ByteBuffer.allocate(Cobblestone.SEALED_CHUNK_LENGTH);
    private long held = NONE;
    private int heldLength;
    private boolean closed;

    ChunkReader(SeekableByteChannel in, Cobblestone message) {
        this.in = in;
        this.message = message;
    }

    /// Makes chunk `index`, of `sealedLength` bytes with its tag, the one held.
    ///
    /// @throws SealedDataException if it is not authentic; then none is held
    void load(long index, int sealedLength) throws IOException, SealedDataException {
        if (closed) {
            throw new IllegalStateException("the stream was closed");
        }
        if (held == index) {
            return;
        }
        held = NONE;
        sealed.clear().limit(sealedLength);
        readFully(in, FIRST_CHUNK + index * Cobblestone.SEALED_CHUNK_LENGTH, sealed);
        message.open(index, sealed.flip(), ByteBuffer.wrap(plain));
        held = index;
        heldLength = sealedLength - Cobblestone.TAG_LENGTH;
    }

    /// Copies from the held chunk.
    int copy(int offset, ByteBuffer to) {
        int length = Math.min(to.remaining(), heldLength - offset);
        to.put(plain, offset, length);
        return length;
    }

    static void readFully(SeekableByteChannel in, long position, ByteBuffer to)
            throws IOException, SealedDataException {
        in.position(position);
        while (to.hasRemaining()) {
            if (in.read(to) < 0) {
                throw new SealedDataException(Cause.LENGTH);
            }
        }
    }

    @Override
    public void close() {
        closed = true;
        message.close();
        Arrays.fill(plain, (byte) 0);
    }
}
