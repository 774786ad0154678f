package dev.sotto.keys;

import dev.sotto.core.UnavailableException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.WritableByteChannel;
import java.util.Arrays;

/// Seals a stream as it comes. Each full chunk of 16 KiB leaves before the `write` that completed it returns; at most
/// one chunk is held. Chunks that lie whole in an array of the caller's are sealed from there and leave eight at a
/// time.
/// For one thread.
///
/// After a failed write the stream is dead: every later call refuses, and what was written is a torn stream.
public final class SealedWriter implements AutoCloseable {
    private static final int RUN = 8;

    private final Cobblestone message;
    private final WritableByteChannel out;
    private final Permit permit;
    private final byte[] plain = new byte[Cobblestone.CHUNK_LENGTH];
    private ByteBuffer sealed = ByteBuffer.allocate(Cobblestone.SEALED_CHUNK_LENGTH);
    private int held;
    private long chunks;
    private State state = State.OPEN;

    private enum State {
        OPEN,
        FINISHED,
        DEAD
    }

    /// Is asked before each chunk, or before the at most eight that leave together.
    interface Permit {
        /// Lets them be sealed.
        ///
        /// @param length of their plaintext
        /// @throws UnavailableException if the key was revoked
        void next(int length);
    }

    private SealedWriter(Cobblestone message, WritableByteChannel out, Permit permit) {
        this.message = message;
        this.out = out;
        this.permit = permit;
    }

    static SealedWriter start(Cobblestone message, WritableByteChannel out, ByteBuffer start, Permit permit)
            throws IOException {
        var writer = new SealedWriter(message, out, permit);
        try {
            writer.emit(start);
        } finally {
            if (writer.state == State.DEAD) {
                writer.forget();
            }
        }
        return writer;
    }

    /// Takes all remaining bytes.
    ///
    /// @throws UnavailableException if the key was revoked: nothing more is written, what was stays a torn stream
    /// @throws IllegalStateException if the stream was finished, closed, or failed before
    public void write(ByteBuffer plaintext) throws IOException {
        requireOpen();
        while (plaintext.hasRemaining()) {
            int whole = plaintext.remaining() / Cobblestone.CHUNK_LENGTH;
            if (held == 0 && whole > 0 && plaintext.hasArray()) {
                int run = Math.min(whole, RUN) * Cobblestone.CHUNK_LENGTH;
                emit(plaintext.slice(plaintext.position(), run), run / Cobblestone.CHUNK_LENGTH);
                plaintext.position(plaintext.position() + run);
                continue;
            }
            int length = Math.min(plaintext.remaining(), Cobblestone.CHUNK_LENGTH - held);
            plaintext.get(plain, held, length);
            held += length;
            if (held == Cobblestone.CHUNK_LENGTH) {
                emit(ByteBuffer.wrap(plain), 1);
            }
        }
    }

    /// How many full chunks were handed to the channel: what a recovery can open once the channel has made it
    /// durable.
    public long wholeChunks() {
        return state == State.FINISHED ? chunks - 1 : chunks;
    }

    /// Bytes of plaintext taken so far, those still held included.
    public long size() {
        return wholeChunks() * Cobblestone.CHUNK_LENGTH + held;
    }

    /// Bytes that went to the channel, header included.
    public long sealedSize() {
        long tail = state == State.FINISHED ? held + (long) Cobblestone.TAG_LENGTH : 0;
        return ChunkReader.FIRST_CHUNK + wholeChunks() * Cobblestone.SEALED_CHUNK_LENGTH + tail;
    }

    /// Writes the short last chunk, without which a stream does not open.
    ///
    /// @throws IllegalStateException if the stream was finished, closed, or failed before
    public void finish() throws IOException {
        requireOpen();
        int last = held;
        emit(ByteBuffer.wrap(plain, 0, held), 1);
        held = last;
        state = State.FINISHED;
        forget();
    }

    /// Forgets the key. A stream that was not finished stays torn.
    @Override
    public void close() {
        if (state == State.OPEN) {
            state = State.DEAD;
        }
        forget();
    }

    /// Seals `count` chunks, all full but perhaps the last, and writes them.
    private void emit(ByteBuffer plaintext, int count) throws IOException {
        state = State.DEAD; // a chunk that was refused is not written later
        boolean permitted = false;
        try {
            permit.next(plaintext.remaining());
            permitted = true;
        } finally {
            if (!permitted) {
                forget();
            }
        }
        if (sealed.capacity() < count * Cobblestone.SEALED_CHUNK_LENGTH) {
            sealed = ByteBuffer.allocate(RUN * Cobblestone.SEALED_CHUNK_LENGTH);
        }
        sealed.clear();
        int end = plaintext.limit();
        for (int chunk = 0; chunk < count; chunk++) {
            plaintext.limit(Math.min(end, plaintext.position() + Cobblestone.CHUNK_LENGTH));
            message.seal(chunks + chunk, plaintext, sealed);
        }
        emit(sealed.flip());
        chunks += count;
        held = 0;
    }

    private void emit(ByteBuffer bytes) throws IOException {
        state = State.DEAD; // until all of it is out: the same chunk number must never be sealed again
        while (bytes.hasRemaining()) {
            out.write(bytes);
        }
        state = State.OPEN;
    }

    private void requireOpen() {
        if (state != State.OPEN) {
            throw new IllegalStateException("the stream was finished, closed, or failed before");
        }
    }

    private void forget() {
        message.close();
        Arrays.fill(plain, (byte) 0);
    }
}
