package dev.sotto.server.bench;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.sotto.core.UnavailableException;
import dev.sotto.server.call.NodeClient;
import dev.sotto.server.node.DataDirectory;
import dev.sotto.server.node.NodePlaces;
import dev.sotto.server.node.ServerError;
import dev.sotto.server.node.StateDirectory;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// A demo node in a process of its own, started as this one was: same Java, same options, same AOT cache, same
/// class path.
final class NodeProcess implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofMinutes(2);
    private static final Duration STOP = Duration.ofSeconds(30);
    private static final Pattern HEAP_USED = Pattern.compile("used (\\d+)K");
    private static final Pattern RESIDENT = Pattern.compile("VmRSS:\\s+(\\d+) kB");
    private static final String READY = " is ready after ";
    private static final int MAX_TOLD = 2_000;
    private static final long KIB = 1024;

    private final Process process;
    private final NodePlaces places;
    private final Duration ready;

    private NodeProcess(Process process, NodePlaces places, Duration ready) {
        this.process = process;
        this.places = places;
        this.ready = ready;
    }

    /// What the node's process takes.
    ///
    /// @param residentBytes of memory; that of the database's processes is not in it
    /// @param heapBytes of Java objects
    record Memory(long residentBytes, long heapBytes) {}

    /// Starts a node below `folder` and waits until it is ready: it says so, and its health check agrees.
    static NodeProcess start(Path folder) throws IOException, InterruptedException {
        var builder = new ProcessBuilder(command(folder.resolve("data"))).redirectErrorStream(true);
        builder.environment().put("SOTTO_STATE", folder.resolve("state").toString());
        var directory = new DataDirectory(folder.resolve("data"));
        var places = new NodePlaces(directory, StateDirectory.below(folder.resolve("state"), directory));
        long began = System.nanoTime();
        Process process = builder.start();
        try {
            awaitReady(process);
            Duration took = Duration.ofNanos(System.nanoTime() - began);
            NodeClient.connect(places).text("/health");
            return new NodeProcess(process, places, took);
        } catch (RuntimeException | InterruptedException failure) {
            stop(process);
            throw failure;
        }
    }

    private static List<String> command(Path data) {
        List<String> command = new ArrayList<>();
        command.add(tool("java"));
        ManagementFactory.getRuntimeMXBean().getInputArguments().stream()
                .filter(argument -> !argument.startsWith("-agentlib:") && !argument.startsWith("-javaagent:"))
                .forEach(command::add);
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), "dev.sotto.server.Main"));
        command.addAll(List.of("up", "--demo", "--port", "0", "--data", data.toString()));
        return command;
    }

    private static void awaitReady(Process process) throws InterruptedException {
        var ready = new CompletableFuture<String>();
        Thread.ofVirtual().name("bench-node-output").start(() -> read(process, ready));
        String told;
        try {
            told = ready.get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
        } catch (TimeoutException late) {
            throw new UnavailableException(
                    ServerError.NODE_NOT_READY,
                    "the node of the benchmark is not ready after %d s".formatted(PATIENCE.toSeconds()),
                    late);
        } catch (ExecutionException failure) {
            throw new IllegalStateException(failure.getCause());
        }
        if (!told.isEmpty()) {
            throw new UnavailableException(
                    ServerError.NODE_NOT_READY, "the node of the benchmark did not start: " + told.strip());
        }
    }

    /// Reads what the node prints, to its end, so that it never waits for us. What it printed instead of being
    /// ready is kept.
    private static void read(Process process, CompletableFuture<String> ready) {
        var told = new StringBuilder();
        try (var reader = new BufferedReader(new InputStreamReader(process.getInputStream(), UTF_8))) {
            for (String line = reader.readLine(); line != null; line = reader.readLine()) {
                if (line.contains(READY)) {
                    ready.complete("");
                } else if (!ready.isDone() && told.length() < MAX_TOLD) {
                    told.append(line).append(' ');
                }
            }
        } catch (IOException _) {
            // the process ended
        }
        ready.complete(told + " ");
    }

    /// From the start of the process until it was ready.
    Duration ready() {
        return ready;
    }

    NodePlaces places() {
        return places;
    }

    /// Has the node collect garbage, then says what it takes.
    Memory memoryAfterCollection() throws IOException, InterruptedException {
        diagnose("GC.run");
        long heap = number(HEAP_USED, diagnose("GC.heap_info")) * KIB;
        Path status = Path.of("/proc", String.valueOf(process.pid()), "status");
        return new Memory(number(RESIDENT, Files.readString(status)) * KIB, heap);
    }

    private String diagnose(String command) throws IOException, InterruptedException {
        Process jcmd = new ProcessBuilder(tool("jcmd"), String.valueOf(process.pid()), command)
                .redirectErrorStream(true)
                .start();
        String output = new String(jcmd.getInputStream().readAllBytes(), UTF_8);
        if (!jcmd.waitFor(STOP.toSeconds(), TimeUnit.SECONDS)) {
            jcmd.destroyForcibly();
        }
        return output;
    }

    private static String tool(String name) {
        return Path.of(System.getProperty("java.home"), "bin", name).toString();
    }

    private static long number(Pattern pattern, String text) {
        Matcher matcher = pattern.matcher(text);
        if (!matcher.find()) {
            throw new UnavailableException(ServerError.NODE_NOT_READY, "the memory of the node cannot be read");
        }
        return Long.parseLong(matcher.group(1));
    }

    /// Stops the node in order.
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
