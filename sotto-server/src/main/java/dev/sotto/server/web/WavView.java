package dev.sotto.server.web;

import dev.sotto.media.Mulaw;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/// A stereo mu-law recording seen as a WAV file of 16-bit PCM, which every browser plays. Nothing is converted
/// before it is asked for: any range of the file is computed from the bytes it stands for. Immutable.
///
/// @param mulawBytes how many bytes the recording has; one frame is two of them, caller and agent
record WavView(long mulawBytes) {
    static final int HEADER_BYTES = 44;
    static final int SAMPLE_RATE_HERTZ = 8_000;
    private static final int CHANNELS = 2;
    private static final int SAMPLE_BYTES = 2;
    private static final int FRAME_BYTES = CHANNELS * SAMPLE_BYTES;
    private static final int FORMAT_BYTES = 16;
    private static final short PCM = 1;

    WavView {
        if (mulawBytes < 0 || mulawBytes > (Integer.MAX_VALUE - HEADER_BYTES) / SAMPLE_BYTES) {
            throw new IllegalArgumentException("mulawBytes (%d) does not fit a WAV file".formatted(mulawBytes));
        }
    }

    /// The length of the file.
    long sizeBytes() {
        return HEADER_BYTES + mulawBytes * SAMPLE_BYTES;
    }

    /// Writes up to `length` bytes of the file from `position` into `out`, reading what they stand for from
    /// `source`.
    ///
    /// @return how many were written; 0 at the end of the file
    int read(long position, byte[] out, int length, Source source) {
        if (position >= sizeBytes()) {
            return 0;
        }
        if (position < HEADER_BYTES) {
            byte[] header = header();
            int count = (int) Math.min(length, HEADER_BYTES - position);
            System.arraycopy(header, (int) position, out, 0, count);
            return count;
        }
        long offset = position - HEADER_BYTES;
        int count = (int) Math.min(length, sizeBytes() - position);
        long firstSample = offset / SAMPLE_BYTES;
        long lastSample = (offset + count - 1) / SAMPLE_BYTES;
        byte[] mulaw = source.read(firstSample, (int) (lastSample - firstSample + 1));
        for (int i = 0; i < count; i++) {
            long at = offset + i;
            short sample = Mulaw.decode(mulaw[(int) (at / SAMPLE_BYTES - firstSample)]);
            out[i] = (byte) (at % SAMPLE_BYTES == 0 ? sample : sample >> Byte.SIZE);
        }
        return count;
    }

    private byte[] header() {
        int data = (int) (mulawBytes * SAMPLE_BYTES);
        return ByteBuffer.allocate(HEADER_BYTES)
                .order(ByteOrder.LITTLE_ENDIAN)
                .put(new byte[] {'R', 'I', 'F', 'F'})
                .putInt(HEADER_BYTES - Long.BYTES + data)
                .put(new byte[] {'W', 'A', 'V', 'E', 'f', 'm', 't', ' '})
                .putInt(FORMAT_BYTES)
                .putShort(PCM)
                .putShort((short) CHANNELS)
                .putInt(SAMPLE_RATE_HERTZ)
                .putInt(SAMPLE_RATE_HERTZ * FRAME_BYTES)
                .putShort((short) FRAME_BYTES)
                .putShort((short) (SAMPLE_BYTES * Byte.SIZE))
                .put(new byte[] {'d', 'a', 't', 'a'})
                .putInt(data)
                .array();
    }

    /// Where mu-law comes from.
    interface Source {
        /// Exactly `length` bytes from `position` on.
        byte[] read(long position, int length);
    }
}
