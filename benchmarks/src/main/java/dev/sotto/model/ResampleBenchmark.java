package dev.sotto.model;

import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/// What 20 ms of sound take on their way between a provider's 24 kHz and a telephone's 8 kHz. In this package because
/// the filter is nobody else's business.
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class ResampleBenchmark {
    private static final int FACTOR = 3;
    private static final int NARROW_FRAME = FirResampler.NARROW_RATE_HERTZ / 50;

    private final FirResampler down = FirResampler.down(FACTOR);
    private final FirResampler up = FirResampler.up(FACTOR);
    private final short[] wide = tone(NARROW_FRAME * FACTOR, FACTOR);
    private final short[] narrow = tone(NARROW_FRAME, 1);

    private static short[] tone(int length, int factor) {
        var samples = new short[length];
        for (int i = 0; i < length; i++) {
            samples[i] = (short) (8_000 * Math.sin(2 * Math.PI * 440 * i / (FirResampler.NARROW_RATE_HERTZ * factor)));
        }
        return samples;
    }

    @Benchmark
    public short[] down() {
        return down.feed(wide);
    }

    @Benchmark
    public short[] up() {
        return up.feed(narrow);
    }
}
