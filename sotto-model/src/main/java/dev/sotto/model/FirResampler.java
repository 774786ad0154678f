package dev.sotto.model;

import java.util.Arrays;

/// Changes a sample rate by a whole factor while audio streams: a windowed-sinc low-pass (Kaiser), flat to 3.4 kHz and
/// at least 70 dB down from 4 kHz on, the band of a telephone. Linear phase; its delay is taken out, so that nothing
/// moves in time, and [#finish()] gives what is still inside. Not thread-safe.
final class FirResampler {
    static final int NARROW_RATE_HERTZ = 8_000;

    private static final int TAPS_PER_FACTOR = 60;
    private static final double CUTOFF_HERTZ = 3_700;
    private static final double BETA = 6.8;

    private final int factor;
    private final boolean up;
    private final double[] taps;
    private final double[] history;
    /// Where the next sample goes, how many at the high rate came, and how many went out.
    private int at;

    private long taken;
    private long given;

    private FirResampler(int factor, boolean up) {
        if (factor < 1 || factor > 6) {
            throw new IllegalArgumentException("factor (%d) must be 1 to 6".formatted(factor));
        }
        this.factor = factor;
        this.up = up;
        this.taps = factor == 1 ? new double[] {1} : lowPass(factor);
        this.history = new double[taps.length];
    }

    /// From `factor` times 8 kHz to 8 kHz.
    static FirResampler down(int factor) {
        return new FirResampler(factor, false);
    }

    /// From 8 kHz to `factor` times 8 kHz.
    static FirResampler up(int factor) {
        return new FirResampler(factor, true);
    }

    /// Takes samples and gives those that are ready.
    short[] feed(short[] samples) {
        int high = up ? samples.length * factor : samples.length;
        var output = new short[up ? high : high / factor + 1];
        int count = 0;
        for (short sample : samples) {
            count = push(sample * (up ? factor : 1.0), output, count);
            for (int zero = 1; up && zero < factor; zero++) {
                count = push(0, output, count);
            }
        }
        return Arrays.copyOf(output, count);
    }

    /// Gives what is still inside, as if silence followed, and starts anew.
    short[] finish() {
        long due = up ? taken : (taken + factor - 1) / factor;
        var output = new short[(int) (due - given)];
        int count = 0;
        while (count < output.length) {
            count = push(0, output, count);
        }
        Arrays.fill(history, 0);
        at = 0;
        taken = 0;
        given = 0;
        return output;
    }

    /// Takes one sample at the high rate; gives one if it completes one.
    private int push(double sample, short[] output, int count) {
        history[at] = sample;
        at = at + 1 == history.length ? 0 : at + 1;
        long centre = taken - taps.length / 2;
        taken++;
        if (centre < 0 || (!up && centre % factor != 0)) {
            return count;
        }
        given++;
        output[count] = filtered();
        return count + 1;
    }

    private short filtered() {
        double sum = 0;
        int newest = at; // the oldest stands where the next one goes
        for (double tap : taps) {
            sum += tap * history[newest];
            newest = newest + 1 == history.length ? 0 : newest + 1;
        }
        return (short) Math.clamp(Math.round(sum), Short.MIN_VALUE, Short.MAX_VALUE);
    }

    private static double[] lowPass(int factor) {
        var taps = new double[TAPS_PER_FACTOR * factor + 1];
        int half = taps.length / 2;
        double cutoff = CUTOFF_HERTZ / (NARROW_RATE_HERTZ * factor);
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
