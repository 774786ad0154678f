package dev.sotto.simulator;

/// Brings 8 kHz mu-law to 24 kHz PCM: two zeros between samples, then a windowed-sinc low-pass at 3.7 kHz (Hann, 49
/// taps).
final class Upsampler {
    private static final int FACTOR = 3;
    private static final int HALF = 24;
    private static final double CUTOFF = 3_700.0 / (Mulaw.RATE_HERTZ * FACTOR);
    private static final float[] TAPS = taps();

    private Upsampler() {}

    /// 16-bit little-endian samples, six bytes for each byte of `mulaw`.
    static byte[] pcm24k(byte[] mulaw) {
        byte[] pcm = new byte[mulaw.length * FACTOR * 2];
        for (int out = 0; out < mulaw.length * FACTOR; out++) {
            float sum = 0;
            int first = Math.ceilDiv(Math.max(0, out - HALF), FACTOR);
            int last = Math.min(mulaw.length - 1, (out + HALF) / FACTOR);
            for (int in = first; in <= last; in++) {
                sum += TAPS[out - in * FACTOR + HALF] * Mulaw.decode(mulaw[in]);
            }
            int sample = Math.clamp(Math.round(sum), Short.MIN_VALUE, Short.MAX_VALUE);
            pcm[2 * out] = (byte) sample;
            pcm[2 * out + 1] = (byte) (sample >> 8);
        }
        return pcm;
    }

    private static float[] taps() {
        var taps = new double[2 * HALF + 1];
        double sum = 0;
        for (int i = 0; i < taps.length; i++) {
            int x = i - HALF;
            double sinc = x == 0 ? 2 * CUTOFF : Math.sin(2 * Math.PI * CUTOFF * x) / (Math.PI * x);
            taps[i] = sinc * (0.5 + 0.5 * Math.cos(Math.PI * x / (HALF + 1)));
            sum += taps[i];
        }
        var scaled = new float[taps.length];
        for (int i = 0; i < taps.length; i++) {
            scaled[i] = (float) (taps[i] / sum * FACTOR);
        }
        return scaled;
    }
}
