package dev.sotto.testkit;

import java.util.SplittableRandom;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.random.RandomGenerator;

/// Checks a property against random values.
public final class Samples {
    private Samples() {}

    /// Checks `runs` random values. A failure names the seed that replays it as run 0.
    public static <T> void forAll(int runs, Function<RandomGenerator, T> sample, Consumer<T> check) {
        long base = Long.getLong("sotto.test.seed", System.nanoTime());
        for (int run = 0; run < runs; run++) {
            T value = sample.apply(new SplittableRandom(base + run));
            try {
                check.accept(value);
            } catch (AssertionError | RuntimeException failure) {
                throw new AssertionError("replay with -Dsotto.test.seed=" + (base + run), failure);
            }
        }
    }
}
