package dev.sotto.server.bench;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.sotto.core.UnavailableException;
import dev.sotto.server.node.ServerError;
import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintWriter;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.Set;

/// What sealing costs beside others' libraries. Those are not on the class path of a node, so a process of its own
/// measures, from the folder `benchmarks` of the sources. Belongs to one thread.
public final class SealingBench {
    private static final String FOLDER = "sotto.benchmarks";
    private static final String MAIN = "dev.sotto.benchmarks.sealing.SealingFigures";
    private static final int COLUMNS = 7;

    private final int rounds;
    private final Set<Part> parts;
    private final PrintWriter progress;

    /// What can be measured.
    public enum Part {
        /// Long streams, beside three peers.
        STREAMS,
        /// The first stream of a new JVM.
        COLD,
        /// Short values.
        FIELD,
        /// Places in the middle of a file.
        RANDOM,
        /// Record keys under a new class key, in a database.
        REWRAP,
        /// A call kept, beside the same without sealing.
        INTAKE,
        /// Keys that are replaced while others write and read.
        ROTATION
    }

    /// @param progress where it says what it does
    public SealingBench(int rounds, Set<Part> parts, PrintWriter progress) {
        this.rounds = rounds;
        this.parts = Set.copyOf(parts);
        this.progress = progress;
    }

    /// Measures; takes a few minutes.
    ///
    /// @throws UnavailableException if the benchmarks were not built beside this program, or could not be run
    public List<Figure> run() throws IOException, InterruptedException {
        var builder = new ProcessBuilder(command());
        builder.redirectError(ProcessBuilder.Redirect.PIPE);
        Process process = builder.start();
        try {
            Thread.ofVirtual().name("bench-progress").start(() -> pass(process));
            List<Figure> figures = new ArrayList<>();
            try (var lines = new BufferedReader(new InputStreamReader(process.getInputStream(), UTF_8))) {
                for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                    read(line).ifPresent(figures::add);
                }
            }
            if (process.waitFor() != 0 || figures.isEmpty()) {
                throw new UnavailableException(ServerError.NODE_NOT_READY, "the benchmark of sealing failed");
            }
            return List.copyOf(figures);
        } finally {
            process.destroyForcibly();
        }
    }

    private List<String> command() throws IOException {
        String folder = System.getProperty(FOLDER, "");
        Path libraries = Path.of(folder, "classpath");
        if (folder.isEmpty() || !Files.isRegularFile(libraries)) {
            throw new UnavailableException(
                    ServerError.NODE_NOT_READY,
                    "the benchmarks are not here: their peers are no part of a node\n"
                            + "hint: run ./sotto bench sealing in the sources");
        }
        List<String> command = new ArrayList<>();
        command.add(Spawned.tool("java"));
        ManagementFactory.getRuntimeMXBean().getInputArguments().stream()
                .filter(argument -> !argument.startsWith("-XX:AOT") && !argument.startsWith("-D" + FOLDER))
                .forEach(command::add);
        // The program's own class path first: the same sealing, the same crypto provider as a node has.
        command.addAll(List.of(
                "-cp",
                String.join(
                        File.pathSeparator,
                        System.getProperty("java.class.path"),
                        Path.of(folder, "classes").toString(),
                        Files.readString(libraries).strip()),
                MAIN,
                String.valueOf(rounds)));
        parts.stream()
                .sorted()
                .map(part -> part.name().toLowerCase(Locale.ROOT))
                .forEach(command::add);
        return command;
    }

    private void pass(Process process) {
        try (var lines = new BufferedReader(new InputStreamReader(process.getErrorStream(), UTF_8))) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                progress.println(line);
                progress.flush();
            }
        } catch (IOException _) {
            // the process ended
        }
    }

    /// A figure of the other process: name, value, unit, peer, value of the peer, `>=` or `<=`, target, by tabs.
    static Optional<Figure> read(String line) {
        String[] columns = line.split("\t", -1);
        if (columns.length != COLUMNS) {
            return Optional.empty();
        }
        return Optional.of(new Figure(
                columns[0],
                number(columns[1]),
                columns[2],
                columns[3].isEmpty()
                        ? Optional.empty()
                        : Optional.of(new Figure.Peer(columns[3], Double.parseDouble(columns[4]))),
                number(columns[6]),
                columns[5].equals(">=")));
    }

    private static OptionalDouble number(String text) {
        return text.isEmpty() ? OptionalDouble.empty() : OptionalDouble.of(Double.parseDouble(text));
    }
}
