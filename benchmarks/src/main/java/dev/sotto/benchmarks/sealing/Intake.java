package dev.sotto.benchmarks.sealing;

import dev.sotto.store.CallIntake;
import dev.sotto.store.StoreFixture;
import dev.sotto.store.TestPostgres;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/// What sealing adds to keeping a call, in a real Postgres and in files, both forced to the disk.
final class Intake {
    private static final int WARM_PAIRS = 5;
    private static final double MILLI = 1e6;

    private Intake() {}

    /// Milliseconds a call, medians.
    record Cost(double sealed, double plain) {}

    /// Keeps calls sealed and in clear by turns; who comes first changes each time.
    static Cost measure(int pairs) throws IOException {
        Path objects = Files.createTempDirectory("sotto-bench-objects-");
        try (var fixture = new StoreFixture(TestPostgres.shared(), objects)) {
            var sealed = CallIntake.sealed(fixture);
            var plain = CallIntake.plain(fixture);
            List<Double> sealing = new ArrayList<>();
            List<Double> without = new ArrayList<>();
            for (int pair = -WARM_PAIRS; pair < pairs; pair++) {
                boolean sealedFirst = pair % 2 == 0;
                long first = (sealedFirst ? sealed : plain).keep();
                long second = (sealedFirst ? plain : sealed).keep();
                if (pair >= 0) {
                    sealing.add((sealedFirst ? first : second) / MILLI);
                    without.add((sealedFirst ? second : first) / MILLI);
                }
            }
            return new Cost(Streams.median(sealing), Streams.median(without));
        } finally {
            Scratch.delete(objects);
        }
    }
}
