package dev.sotto.media;

/// G.711 mu-law (ITU-T G.711 table 2, bits inverted as on the wire) to and from 16-bit linear PCM. By table, so a
/// sample
/// costs a lookup. Thread-safe.
public final class Mulaw {
    /// The code of zero.
    public static final byte SILENCE = (byte) 0xFF;

    private static final int CODES = 256;
    private static final int LEVELS = 1 << Short.SIZE;
    private static final int SIGN = 0x80;
    private static final int SEGMENT_SHIFT = 4;
    private static final int SEGMENT_MASK = 0x07;
    private static final int STEP_MASK = 0x0F;
    /// Added to the magnitude so that segment borders are powers of two: 33 in 14 bits.
    private static final int BIAS = 33 << 2;
    private static final int CLIP = 32_635;

    private static final short[] LINEAR = linear();
    private static final byte[] CODE = codes();

    private Mulaw() {}

    /// The 16-bit sample that `code` stands for, in -32124 to 32124.
    public static short decode(byte code) {
        return LINEAR[code & 0xFF];
    }

    /// The code whose interval holds `sample`; louder ones clip. Zero gives [#SILENCE].
    public static byte encode(short sample) {
        return CODE[sample & 0xFFFF];
    }

    /// Encodes all of `samples`.
    public static byte[] encode(short[] samples) {
        var codes = new byte[samples.length];
        for (int i = 0; i < samples.length; i++) {
            codes[i] = encode(samples[i]);
        }
        return codes;
    }

    /// Decodes all of `codes`.
    public static short[] decode(byte[] codes) {
        var samples = new short[codes.length];
        for (int i = 0; i < codes.length; i++) {
            samples[i] = decode(codes[i]);
        }
        return samples;
    }

    private static short[] linear() {
        var table = new short[CODES];
        for (int code = 0; code < CODES; code++) {
            int bits = ~code;
            int segment = (bits >> SEGMENT_SHIFT) & SEGMENT_MASK;
            int step = bits & STEP_MASK;
            int magnitude = (((step << 3) + BIAS) << segment) - BIAS;
            table[code] = (short) ((bits & SIGN) == 0 ? magnitude : -magnitude);
        }
        return table;
    }

    private static byte[] codes() {
        var table = new byte[LEVELS];
        for (int sample = Short.MIN_VALUE; sample <= Short.MAX_VALUE; sample++) {
            int magnitude = Math.min(Math.abs(sample), CLIP) + BIAS;
            int segment = (Integer.SIZE - 1 - Integer.numberOfLeadingZeros(magnitude)) - 7;
            int step = (magnitude >> (segment + 3)) & STEP_MASK;
            int bits = (sample < 0 ? SIGN : 0) | (segment << SEGMENT_SHIFT) | step;
            table[sample & 0xFFFF] = (byte) ~bits;
        }
        return table;
    }
}
