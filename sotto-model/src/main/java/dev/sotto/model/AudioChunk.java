package dev.sotto.model;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.time.Duration;
import java.util.Arrays;

/// A piece of one-channel audio. Protected: it prints its length only. Immutable, and copies what it is given.
public final class AudioChunk {
    private static final int MULAW_RATE_HERTZ = 8_000;
    private static final long NANOS = 1_000_000_000L;

    private final Encoding encoding;
    private final int rateHertz;
    private final byte[] bytes;

    /// How samples are written.
    public enum Encoding {
        /// G.711 mu-law, 8 kHz, one byte a sample.
        MULAW,
        /// Linear, 16 bits, little endian.
        PCM16
    }

    private AudioChunk(Encoding encoding, int rateHertz, byte[] bytes) {
        this.encoding = encoding;
        this.rateHertz = rateHertz;
        this.bytes = bytes;
    }

    /// Mu-law codes of 8 kHz.
    public static AudioChunk mulaw(byte[] codes) {
        return new AudioChunk(Encoding.MULAW, MULAW_RATE_HERTZ, codes.clone());
    }

    /// Samples of `rateHertz`.
    public static AudioChunk pcm16(short[] samples, int rateHertz) {
        if (rateHertz < 1) {
            throw new IllegalArgumentException("rateHertz (%d) must be positive".formatted(rateHertz));
        }
        var bytes = ByteBuffer.allocate(samples.length * Short.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        bytes.asShortBuffer().put(samples);
        return new AudioChunk(Encoding.PCM16, rateHertz, bytes.array());
    }

    public Encoding encoding() {
        return encoding;
    }

    public int rateHertz() {
        return rateHertz;
    }

    public int sizeBytes() {
        return bytes.length;
    }

    public int sampleCount() {
        return encoding == Encoding.MULAW ? bytes.length : bytes.length / Short.BYTES;
    }

    public Duration length() {
        return Duration.ofNanos(sampleCount() * NANOS / rateHertz);
    }

    /// The bytes as they would be sent.
    public byte[] bytes() {
        return bytes.clone();
    }

    /// The samples.
    ///
    /// @throws IllegalStateException if this is not PCM
    public short[] samples() {
        if (encoding != Encoding.PCM16) {
            throw new IllegalStateException("samples are of PCM16 only");
        }
        return samples(bytes, 0, bytes.length);
    }

    static short[] samples(byte[] bytes, int offset, int length) {
        var samples = new short[length / Short.BYTES];
        ByteBuffer.wrap(bytes, offset, length)
                .order(ByteOrder.LITTLE_ENDIAN)
                .asShortBuffer()
                .get(samples);
        return samples;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof AudioChunk that
                && encoding == that.encoding
                && rateHertz == that.rateHertz
                && Arrays.equals(bytes, that.bytes);
    }

    @Override
    public int hashCode() {
        return 31 * encoding.hashCode() + Arrays.hashCode(bytes);
    }

    @Override
    public String toString() {
        return "AudioChunk[%s, %s]".formatted(encoding, length());
    }
}
