package dev.sotto.media;

/// Brings a sample rate down by a whole factor: a windowed-sinc low-pass (Kaiser, about 60 dB), then every n-th
/// sample. Flat to 3.4 kHz and shut from 4 kHz on, at a target of 8 kHz. Linear phase, and aligned, so that
/// nothing moves in time.
final class Decimator {
    /// Taps for each step of the factor; the transition is 600 Hz wide at a target of 8 kHz.
    private static final int TAPS_PER_FACTOR = 48;

    private static final double CUTOFF_HERTZ = 3_700;
    private static final double BETA = 5.65;

    private final int factor;
    private final double[] taps;

    Decimator(int factor) {
        this.factor = factor;
        this.taps = factor == 1 ? new double[] {1} : lowPass(factor);
    }

    /// Gives one sample for each `factor` of `input`, rounded up; beyond the ends there is silence.
    short[] decimate(short[] input) {
        var output = new short[(input.length + factor - 1) / factor];
        int half = taps.length / 2;
        for (int i = 0; i < output.length; i++) {
            int centre = i * factor;
            double sum = 0;
            for (int tap = 0; tap < taps.length; tap++) {
                int at = centre + tap - half;
                if (at >= 0 && at < input.length) {
                    sum += taps[tap] * input[at];
                }
            }
            output[i] = (short) Math.clamp(Math.round(sum), Short.MIN_VALUE, Short.MAX_VALUE);
        }
        return output;
    }

    private static double[] lowPass(int factor) {
        var taps = new double[TAPS_PER_FACTOR * factor + 1];
        int half = taps.length / 2;
        double cutoff = CUTOFF_HERTZ / (AudioClip.SAMPLE_RATE_HERTZ * factor);
        double sum = 0;
        for (int i = 0; i < taps.length; i++) {
            double x = i - half;
            double sinc = x == 0 ? 2 * cutoff : Math.sin(2 * Math.PI * cutoff * x) / (Math.PI * x);
            double edge = x / half;
            taps[i] = sinc * bessel(BETA * Math.sqrt(Math.max(0, 1 - edge * edge))) / bessel(BETA);
            sum += taps[i];
        }
        for (int i = 0; i < taps.length; i++) {
            taps[i] /= sum;
        }
        return taps;
    }

    /// The modified Bessel function of the first kind, order zero, by its power series.
    private static double bessel(double x) {
        double sum = 1;
        double term = 1;
        for (int k = 1; term > sum * 1e-12; k++) {
            term *= (x / (2 * k)) * (x / (2 * k));
            sum += term;
        }
        return sum;
    }
}
