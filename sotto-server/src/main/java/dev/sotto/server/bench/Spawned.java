package dev.sotto.server.bench;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.sotto.core.UnavailableException;
import dev.sotto.server.node.ServerError;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/// A process that said it is ready. Thread-safe.
///
/// @param readyLine what it said
/// @param took from its start until then
record Spawned(Process process, String readyLine, Duration took) implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofMinutes(2);
    private static final Duration STOP = Duration.ofSeconds(30);
    private static final int MAX_TOLD = 2_000;

    /// What it printed, until it was ready or ended.
    private record Told(boolean ready, String text) {}

    /// Starts it and waits until it prints a line with `marker` in it; the rest of what it prints is read and dropped.
    ///
    /// @param name of it in messages
    static Spawned start(ProcessBuilder builder, String marker, String name) throws IOException, InterruptedException {
        long began = System.nanoTime();
        Process process = builder.redirectErrorStream(true).start();
        try {
            String line = awaitReady(process, marker, name);
            return new Spawned(process, line, Duration.ofNanos(System.nanoTime() - began));
        } catch (RuntimeException | InterruptedException failure) {
            stop(process);
            throw failure;
        }
    }

    /// The command of another `sotto` like this one: same Java, same options, same AOT cache, same class path.
    static List<String> sotto(List<String> arguments) {
        List<String> command = new ArrayList<>();
        command.add(tool("java"));
        ManagementFactory.getRuntimeMXBean().getInputArguments().stream()
                .filter(argument -> !argument.startsWith("-agentlib:") && !argument.startsWith("-javaagent:"))
                .forEach(command::add);
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), "dev.sotto.server.Main"));
        command.addAll(arguments);
        return command;
    }

    /// A program of this Java.
    static String tool(String name) {
        return Path.of(System.getProperty("java.home"), "bin", name).toString();
    }

    private static String awaitReady(Process process, String marker, String name) throws InterruptedException {
        var told = new CompletableFuture<Told>();
        Thread.ofVirtual().name("bench-output").start(() -> read(process, marker, told));
        try {
            Told heard = told.get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
            if (!heard.ready()) {
                throw new UnavailableException(
                        ServerError.NODE_NOT_READY,
                        "the %s of the benchmark did not start: %s"
                                .formatted(name, heard.text().strip()));
            }
            return heard.text();
        } catch (TimeoutException late) {
            throw new UnavailableException(
                    ServerError.NODE_NOT_READY,
                    "the %s of the benchmark is not ready after %d s".formatted(name, PATIENCE.toSeconds()),
                    late);
        } catch (ExecutionException failure) {
            throw new IllegalStateException(failure.getCause());
        }
    }

    /// Reads what the process prints, to its end, so that it never waits for us.
    private static void read(Process process, String marker, CompletableFuture<Told> told) {
        var printed = new StringBuilder();
        try (var reader = new BufferedReader(new InputStreamReader(process.getInputStream(), UTF_8))) {
            for (String line = reader.readLine(); line != null; line = reader.readLine()) {
                if (line.contains(marker)) {
                    told.complete(new Told(true, line));
                } else if (!told.isDone() && printed.length() < MAX_TOLD) {
                    printed.append(line).append(' ');
                }
            }
        } catch (IOException _) {
            // the process ended
        }
        told.complete(new Told(false, printed + " "));
    }

    long pid() {
        return process.pid();
    }

    /// Stops it in order.
    @Override
    public void close() {
        stop(process);
    }

    private static void stop(Process process) {
        process.destroy();
        try {
            if (!process.waitFor(STOP.toSeconds(), TimeUnit.SECONDS)) {
                process.destroyForcibly().waitFor(STOP.toSeconds(), TimeUnit.SECONDS);
            }
        } catch (InterruptedException interrupted) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
        }
    }
}
