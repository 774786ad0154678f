package dev.sotto.simulator;

/// G.711 mu-law to and from 16-bit linear PCM (ITU-T G.711), by table.
final class Mulaw {
    static final int RATE_HERTZ = 8_000;
    /// The code of zero.
    static final byte SILENCE = (byte) 0xFF;

    private static final int CODES = 256;
    private static final int SIGN = 0x80;
    private static final int BIAS = 0x84;
    private static final int CLIP = 32_635;
    private static final short[] LINEAR = new short[CODES];
    private static final byte[] CODE = new byte[1 << Short.SIZE];

    static {
        for (int code = 0; code < CODES; code++) {
            int bits = ~code;
            int magnitude = ((((bits & 0x0F) << 3) + BIAS) << ((bits >> 4) & 0x07)) - BIAS;
            LINEAR[code] = (short) ((bits & SIGN) == 0 ? magnitude : -magnitude);
        }
        for (int sample = Short.MIN_VALUE; sample <= Short.MAX_VALUE; sample++) {
            int magnitude = Math.min(Math.abs(sample), CLIP) + BIAS;
            int segment = Integer.SIZE - 1 - Integer.numberOfLeadingZeros(magnitude) - 7;
            int step = (magnitude >> (segment + 3)) & 0x0F;
            CODE[sample & 0xFFFF] = (byte) ~((sample < 0 ? SIGN : 0) | (segment << 4) | step);
        }
    }

    private Mulaw() {}

    static short decode(byte code) {
        return LINEAR[code & 0xFF];
    }

    static byte encode(int sample) {
        return CODE[Math.clamp(sample, Short.MIN_VALUE, Short.MAX_VALUE) & 0xFFFF];
    }
}
