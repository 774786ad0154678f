package dev.sotto.model;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/// The 44 bytes before the samples of a RIFF WAVE file (Multimedia Programming Interface and Data Specifications 1.0):
/// PCM, 16 bits, one channel.
final class WavHeader {
    static final int SIZE_BYTES = 44;

    private static final int FORMAT_BYTES = 16;
    private static final short PCM = 1;

    private WavHeader() {}

    static byte[] of(int rateHertz, int dataBytes) {
        return ByteBuffer.allocate(SIZE_BYTES)
                .order(ByteOrder.LITTLE_ENDIAN)
                .put("RIFF".getBytes(US_ASCII))
                .putInt(SIZE_BYTES - 8 + dataBytes)
                .put("WAVEfmt ".getBytes(US_ASCII))
                .putInt(FORMAT_BYTES)
                .putShort(PCM)
                .putShort((short) 1)
                .putInt(rateHertz)
                .putInt(rateHertz * Short.BYTES)
                .putShort((short) Short.BYTES)
                .putShort((short) Short.SIZE)
                .put("data".getBytes(US_ASCII))
                .putInt(dataBytes)
                .array();
    }
}
