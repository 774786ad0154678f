package dev.sotto.benchmarks.sealing;

import java.io.File;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/// The first 64 MiB that a JVM ever seals: nothing loaded, nothing compiled, but the crypto provider in place, as in a
/// node that has just started.
final class Cold {
    static final String ARGUMENT = "cold";

    private static final int PATIENCE_SECONDS = 60;
    private static final double MEGABYTE = 1e6;
    private static final double SECOND = 1e9;

    private Cold() {}

    /// In the new JVM: seals once and says how long it took.
    static void seal() throws IOException {
        var plain = Streams.plain(Streams.BYTES);
        var sealed = ByteBuffer.allocate(Streams.BYTES + Streams.BYTES / 8);
        try (var sotto = new SottoStream()) {
            long began = System.nanoTime();
            sotto.seal(plain, sealed);
            System.out.println(System.nanoTime() - began);
        }
    }

    /// Megabytes a second; the median of `rounds` new JVMs.
    static double measure(int rounds) throws IOException, InterruptedException {
        List<Double> speeds = new ArrayList<>();
        for (int round = 0; round < rounds; round++) {
            speeds.add(Streams.BYTES / MEGABYTE / (once() / SECOND));
        }
        return Streams.median(speeds);
    }

    private static long once() throws IOException, InterruptedException {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(ManagementFactory.getRuntimeMXBean().getInputArguments());
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), SealingFigures.class.getName(), ARGUMENT));
        Process process =
                new ProcessBuilder(command).redirectError(new File("/dev/null")).start();
        String printed = new String(process.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);
        if (!process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS) || process.exitValue() != 0) {
            process.destroyForcibly();
            throw new IOException("a new JVM could not seal");
        }
        return Long.parseLong(printed.strip());
    }
}
