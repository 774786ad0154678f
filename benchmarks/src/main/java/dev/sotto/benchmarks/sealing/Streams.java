package dev.sotto.benchmarks.sealing;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.security.GeneralSecurityException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;

/// All contenders over the same 64 MiB, in turns, so that whatever else the machine does meets them all. The median of
/// the rounds counts.
final class Streams {
    static final int BYTES = 64 << 20;

    private static final int WARM_ROUNDS = 4;
    private static final double MEGABYTE = 1e6;
    private static final double SECOND = 1e9;

    private final int rounds;

    Streams(int rounds) {
        this.rounds = rounds;
    }

    /// Megabytes a second, each way.
    record Speed(String name, double seal, double open) {}

    /// Bytes that do not compress, the same in every run.
    static ByteBuffer plain(int length) {
        byte[] bytes = new byte[length];
        new Random(1).nextBytes(bytes);
        return ByteBuffer.wrap(bytes);
    }

    List<Speed> measure(List<Contender> contenders) throws IOException, GeneralSecurityException {
        var plain = plain(BYTES);
        var sealed = ByteBuffer.allocate(BYTES + BYTES / 8);
        var opened = ByteBuffer.allocate(BYTES);
        Map<Contender, List<Double>> seals = new LinkedHashMap<>();
        Map<Contender, List<Double>> opens = new LinkedHashMap<>();
        for (int round = -WARM_ROUNDS; round < rounds; round++) {
            for (Contender each : contenders) {
                long began = System.nanoTime();
                each.seal(plain, sealed);
                long half = System.nanoTime();
                each.open(sealed, opened);
                long end = System.nanoTime();
                if (opened.mismatch(plain) >= 0) {
                    throw new IllegalStateException("%s gave back something else".formatted(each.name()));
                }
                if (round >= 0) {
                    seals.computeIfAbsent(each, _ -> new ArrayList<>()).add(speed(half - began));
                    opens.computeIfAbsent(each, _ -> new ArrayList<>()).add(speed(end - half));
                }
            }
        }
        return seals.entrySet().stream()
                .map(entry -> new Speed(
                        entry.getKey().name(),
                        median(entry.getValue()),
                        median(opens.getOrDefault(entry.getKey(), List.of()))))
                .toList();
    }

    private static double speed(long nanos) {
        return BYTES / MEGABYTE / (nanos / SECOND);
    }

    static double median(List<Double> values) {
        double[] sorted = values.stream().mapToDouble(Double::doubleValue).toArray();
        Arrays.sort(sorted);
        int middle = sorted.length / 2;
        return sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
    }
}
