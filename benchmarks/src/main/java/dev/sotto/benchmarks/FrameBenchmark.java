package dev.sotto.benchmarks;

import dev.sotto.media.Mulaw;
import dev.sotto.media.SpeechDetector;
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

/// What a frame of 20 ms takes: there are 50 of them a second in each direction of each call.
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class FrameBenchmark {
    private static final int FRAME = 160;

    private final SpeechDetector detector = new SpeechDetector();
    private final byte[] mulaw = new byte[FRAME];
    private final short[] samples = new short[FRAME];

    /// A tone.
    public FrameBenchmark() {
        for (int i = 0; i < FRAME; i++) {
            samples[i] = (short) (8_000 * Math.sin(2 * Math.PI * 440 * i / 8_000));
            mulaw[i] = Mulaw.encode(samples[i]);
        }
    }

    @Benchmark
    public short[] decode() {
        return Mulaw.decode(mulaw);
    }

    @Benchmark
    public byte[] encode() {
        return Mulaw.encode(samples);
    }

    @Benchmark
    public SpeechDetector.Change detect() {
        return detector.accept(mulaw);
    }
}
