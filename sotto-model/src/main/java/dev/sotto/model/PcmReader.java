package dev.sotto.model;

import static java.nio.charset.StandardCharsets.US_ASCII;

import dev.sotto.core.UnavailableException;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/// Reads streamed audio, bare PCM16 of 24 kHz or a WAV file, as PCM16 of 8 kHz. A WAV that is written while it is made
/// has no true sizes, so its samples end where the stream ends. Bytes may be cut anywhere. Not thread-safe.
final class PcmReader {
    private static final int BARE_RATE_HERTZ = 24_000;
    private static final int MAX_HEADER_BYTES = 4_096;
    private static final int RIFF_BYTES = 12;
    private static final int CHUNK_BYTES = 8;
    private static final int PCM = 1;
    private static final int EXTENSIBLE = 0xFFFE;
    private static final byte[] RIFF = "RIFF".getBytes(US_ASCII);

    private final boolean wav;
    private final ByteArrayOutputStream header = new ByteArrayOutputStream();
    private @Nullable FirResampler resampler;
    private int odd = -1;
    private long left = Long.MAX_VALUE;

    private PcmReader(boolean wav) {
        this.wav = wav;
        this.resampler = wav ? null : FirResampler.down(BARE_RATE_HERTZ / FirResampler.NARROW_RATE_HERTZ);
    }

    static PcmReader bare() {
        return new PcmReader(false);
    }

    static PcmReader wav() {
        return new PcmReader(true);
    }

    /// Takes bytes and gives the samples that are ready.
    ///
    /// @throws UnavailableException if the header is of a format that is not taken
    short[] feed(byte[] bytes) {
        if (wav && resampler == null) {
            header.writeBytes(bytes);
            byte[] sofar = header.toByteArray();
            int start = startOfData(sofar);
            if (start < 0) {
                return new short[0];
            }
            return samples(Arrays.copyOfRange(sofar, start, sofar.length));
        }
        return samples(bytes);
    }

    /// Gives what is still inside.
    ///
    /// @throws UnavailableException if a WAV ended before its samples began, or a sample was cut
    short[] finish() {
        if (resampler == null || odd >= 0) {
            throw new UnavailableException(ModelError.ANSWER_CUT, "the speech ended before it was whole");
        }
        return resampler.finish();
    }

    private short[] samples(byte[] bytes) {
        var target = resampler;
        if (target == null) {
            throw new IllegalStateException("no samples before the header");
        }
        int size = (int) Math.min(bytes.length, left);
        left -= size;
        int carried = odd >= 0 ? 1 : 0;
        byte[] whole = new byte[carried + size];
        if (carried == 1) {
            whole[0] = (byte) odd;
        }
        System.arraycopy(bytes, 0, whole, carried, size);
        int even = whole.length & ~1;
        odd = even < whole.length ? whole[even] & 0xFF : -1;
        return target.feed(AudioChunk.samples(whole, 0, even));
    }

    /// Where the samples begin, or -1 if the header is not whole yet.
    private int startOfData(byte[] bytes) {
        if (bytes.length < RIFF_BYTES) {
            return -1;
        }
        if (!Arrays.equals(bytes, 0, 4, RIFF, 0, 4)) {
            throw format("speech must be a RIFF WAVE file");
        }
        var in = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
        int at = RIFF_BYTES;
        int rate = 0;
        while (at + CHUNK_BYTES <= bytes.length) {
            String name = new String(bytes, at, 4, US_ASCII);
            long size = Integer.toUnsignedLong(in.getInt(at + 4));
            int start = at + CHUNK_BYTES;
            if (name.equals("data")) {
                begin(rate, size);
                return start;
            }
            if (size > MAX_HEADER_BYTES || start + size > MAX_HEADER_BYTES) {
                throw format("the header of speech must be at most %d bytes".formatted(MAX_HEADER_BYTES));
            }
            if (start + size > bytes.length) {
                return -1;
            }
            if (name.equals("fmt ")) {
                rate = rate(in, start, (int) size);
            }
            at = start + (int) (size + (size & 1));
        }
        return -1;
    }

    private static int rate(ByteBuffer in, int start, int size) {
        if (size < 16) {
            throw format("the format of speech must be at least 16 bytes");
        }
        int coding = Short.toUnsignedInt(in.getShort(start));
        if ((coding != PCM && coding != EXTENSIBLE)
                || in.getShort(start + 2) != 1
                || in.getShort(start + 14) != Short.SIZE) {
            throw format("speech must be PCM of 16 bits and one channel");
        }
        return in.getInt(start + 4);
    }

    private void begin(int rate, long size) {
        int factor = rate / FirResampler.NARROW_RATE_HERTZ;
        if (rate % FirResampler.NARROW_RATE_HERTZ != 0 || factor < 1 || factor > 6) {
            throw format("the rate of speech (%d Hz) must be 8, 16, 24 or 48 kHz".formatted(rate));
        }
        resampler = FirResampler.down(factor);
        boolean unknown = size == 0 || size >= Integer.MAX_VALUE - RIFF_BYTES * 8L;
        left = unknown ? Long.MAX_VALUE : size;
    }

    private static UnavailableException format(String rule) {
        return new UnavailableException(ModelError.AUDIO_FORMAT, rule);
    }
}
