package dev.sotto.agent;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/// Audio on its way to a recorder. Memory is allocated once; when full, the oldest piece is overwritten. Putting never
/// waits for more than a copy of 160 bytes and wakes nobody: the reader looks again after a short while. Thread-safe.
final class AudioRing {
    static final int PIECE_BYTES = 160;
    private static final int PIECE_MILLIS = 20;
    private static final long LOOK_AGAIN_MILLIS = 200;

    /// A copy of one piece. For the reader's thread.
    static final class Piece {
        final byte[] mulaw = new byte[PIECE_BYTES];
        int channel;
        int length;
        long atMillis;
    }

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition closing = lock.newCondition();
    private final byte[] mulaw;
    private final int[] channels;
    private final int[] lengths;
    private final long[] times;
    private final int capacity;
    private int first;
    private int count;
    private boolean closed;

    AudioRing(int capacity) {
        this.capacity = capacity;
        mulaw = new byte[capacity * PIECE_BYTES];
        channels = new int[capacity];
        lengths = new int[capacity];
        times = new long[capacity];
    }

    /// Copies audio in, in pieces of 20 ms. Returns how many older pieces were overwritten.
    int put(int channel, long atMillis, byte[] audio) {
        int overwritten = 0;
        long at = atMillis;
        for (int offset = 0; offset < audio.length; offset += PIECE_BYTES) {
            overwritten += putPiece(channel, at, audio, offset, Math.min(PIECE_BYTES, audio.length - offset));
            at += PIECE_MILLIS;
        }
        return overwritten;
    }

    private int putPiece(int channel, long atMillis, byte[] audio, int offset, int length) {
        lock.lock();
        try {
            if (closed) {
                return 0;
            }
            int overwritten = 0;
            if (count == capacity) {
                first = (first + 1) % capacity;
                count--;
                overwritten = 1;
            }
            int slot = (first + count) % capacity;
            System.arraycopy(audio, offset, mulaw, slot * PIECE_BYTES, length);
            channels[slot] = channel;
            lengths[slot] = length;
            times[slot] = atMillis;
            count++;
            return overwritten;
        } finally {
            lock.unlock();
        }
    }

    /// Copies the next piece out, waiting for one. False once the ring is closed and empty.
    boolean take(Piece into) throws InterruptedException {
        lock.lockInterruptibly();
        try {
            while (count == 0) {
                if (closed) {
                    return false;
                }
                // A timeout is the usual way on: putting signals nobody.
                closing.await(LOOK_AGAIN_MILLIS, TimeUnit.MILLISECONDS);
            }
            System.arraycopy(mulaw, first * PIECE_BYTES, into.mulaw, 0, lengths[first]);
            into.channel = channels[first];
            into.length = lengths[first];
            into.atMillis = times[first];
            first = (first + 1) % capacity;
            count--;
            return true;
        } finally {
            lock.unlock();
        }
    }

    /// Takes no more; what is there can still be read.
    void close() {
        lock.lock();
        try {
            closed = true;
            closing.signalAll();
        } finally {
            lock.unlock();
        }
    }
}
