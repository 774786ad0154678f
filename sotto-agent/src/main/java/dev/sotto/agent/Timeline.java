package dev.sotto.agent;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.BitSet;
import java.util.function.Consumer;

/// Puts pieces of one or two channels where their time stamps say, within a window for late ones, and gives the result
/// out in order: sample by sample, channels interleaved, mu-law silence where nothing came. Of two pieces for the same
/// time the first stands. Not thread-safe; memory does not grow.
final class Timeline {
    /// What became of a piece.
    enum Placed {
        KEPT,
        /// All of it was there already.
        DUPLICATE,
        /// Its time, or part of it, has been given out already.
        LATE,
        /// It would end after the longest call.
        TOO_FAR
    }

    private static final int SAMPLES_PER_MILLISECOND = 8;
    private static final byte SILENCE = (byte) 0xFF;

    private final int channels;
    private final int windowSamples;
    private final long maxSamples;
    private final byte[] ring;
    private final BitSet filled;
    private final ByteBuffer block;
    private final Consumer<ByteBuffer> out;
    private long given;
    private long end;

    /// @param windowMillis how late a piece may come behind the newest
    /// @param maxMillis the longest timeline
    /// @param out takes what is ready; must empty the buffer before it returns
    Timeline(int channels, int windowMillis, long maxMillis, Consumer<ByteBuffer> out) {
        this.channels = channels;
        this.windowSamples = windowMillis * SAMPLES_PER_MILLISECOND;
        this.maxSamples = maxMillis * SAMPLES_PER_MILLISECOND;
        this.ring = new byte[windowSamples * channels];
        this.filled = new BitSet(windowSamples * channels);
        this.block = ByteBuffer.allocate(windowSamples * channels);
        this.out = out;
        Arrays.fill(ring, SILENCE);
    }

    /// Places `length` samples of `channel` at `atMillis`. Of a piece longer than the window the beginning is late.
    Placed place(int channel, long atMillis, byte[] mulaw, int offset, int length) {
        if (atMillis > maxSamples / SAMPLES_PER_MILLISECOND) {
            return Placed.TOO_FAR;
        }
        long at = atMillis * SAMPLES_PER_MILLISECOND;
        long pieceEnd = at + length;
        if (pieceEnd > maxSamples) {
            return Placed.TOO_FAR;
        }
        if (pieceEnd <= given) {
            return Placed.LATE;
        }
        if (pieceEnd > end) {
            end = pieceEnd;
            giveUntil(end - windowSamples);
        }
        boolean late = at < given;
        boolean any = false;
        for (int i = (int) Math.max(0, given - at); i < length; i++) {
            int slot = slot(at + i, channel);
            if (!filled.get(slot)) {
                filled.set(slot);
                ring[slot] = mulaw[offset + i];
                any = true;
            }
        }
        if (!any) {
            return Placed.DUPLICATE;
        }
        return late ? Placed.LATE : Placed.KEPT;
    }

    /// Gives out all that is there.
    void finish() {
        giveUntil(end);
    }

    /// Samples given out so far.
    long given() {
        return given;
    }

    private int slot(long sample, int channel) {
        return (int) (sample % windowSamples) * channels + channel;
    }

    private void giveUntil(long until) {
        while (given < until) {
            int run = (int) Math.min(until - given, windowSamples - given % windowSamples);
            int first = slot(given, 0);
            block.clear();
            block.put(ring, first, run * channels);
            Arrays.fill(ring, first, first + run * channels, SILENCE);
            filled.clear(first, first + run * channels);
            given += run;
            out.accept(block.flip());
        }
    }
}
