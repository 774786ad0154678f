package dev.sotto.keys;

import dev.sotto.keys.SealedDataException.Cause;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SeekableByteChannel;
import java.util.Arrays;

/// Opens single chunks of a stream and keeps the last one that was wanted in part. Not thread-safe.
final class ChunkReader implements AutoCloseable {
    /// Where the first chunk starts: behind header, salt and commitment.
    static final int FIRST_CHUNK = SealedHeader.LENGTH + Cobblestone.PREFIX_LENGTH;

    private static final long NONE = -1;

    private final SeekableByteChannel in;
    private final Cobblestone message;
    private final byte[] plain = new byte[Cobblestone.CHUNK_LENGTH];
    private final ByteBuffer sealed = ByteBuffer.allocate(Cobblestone.SEALED_CHUNK_LENGTH);
    private long held = NONE;
    private boolean closed;

    ChunkReader(SeekableByteChannel in, Cobblestone message) {
        this.in = in;
        this.message = message;
    }

    /// Makes chunk `index`, of `sealedLength` bytes with its tag, the one held.
    ///
    /// @throws SealedDataException if it is not authentic; then none is held
    void load(long index, int sealedLength) throws IOException, SealedDataException {
        if (held == index) {
            requireOpen();
            return;
        }
        held = NONE;
        open(index, sealedLength, ByteBuffer.wrap(plain));
        held = index;
    }

    private void open(long index, int sealedLength, ByteBuffer to) throws IOException, SealedDataException {
        requireOpen();
        sealed.clear().limit(sealedLength);
        readFully(in, FIRST_CHUNK + index * Cobblestone.SEALED_CHUNK_LENGTH, sealed);
        message.open(index, sealed.flip(), to);
    }

    private void requireOpen() {
        if (closed) {
            throw new IllegalStateException("the stream was closed");
        }
    }

    /// Reads from `position` on, counted from 0 in the plaintext of a stream of `size` bytes, until `to` is full or the
    /// stream ends. A chunk of which all is wanted is opened where the caller wants it, without a copy.
    ///
    /// @return how many bytes
    /// @throws SealedDataException if a chunk on the way is not authentic; `to` then holds the authentic bytes
    ///     before it up to its position, and nothing of that chunk
    int read(long position, long size, ByteBuffer to) throws IOException, SealedDataException {
        int done = 0;
        while (to.hasRemaining() && position + done < size) {
            long index = (position + done) / Cobblestone.CHUNK_LENGTH;
            int offset = (int) ((position + done) % Cobblestone.CHUNK_LENGTH);
            int length = (int) Math.min(size - index * Cobblestone.CHUNK_LENGTH, Cobblestone.CHUNK_LENGTH);
            if (offset == 0 && held != index && to.hasArray() && to.remaining() >= length) {
                open(index, length + Cobblestone.TAG_LENGTH, to);
                done += length;
            } else {
                load(index, length + Cobblestone.TAG_LENGTH);
                int some = Math.min(to.remaining(), length - offset);
                to.put(plain, offset, some);
                done += some;
            }
        }
        return done;
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
