package dev.sotto.server.bench;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.sotto.core.UnavailableException;
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
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// A demo node in a process of its own, started as this one was.
final class NodeProcess implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofMinutes(2);
    private static final Pattern HEAP_USED = Pattern.compile("used (\\d+)K");
    private static final Pattern RESIDENT = Pattern.compile("VmRSS:\\s+(\\d+) kB");
    private static final long KIB = 1024;

    private final Process process;
    private final NodePlaces places;
    private final Duration ready;

    private NodeProcess(Process process, NodePlaces places, Duration ready) {
        this.process = process;
        this.places = places;
        this.ready = ready;
    }

    /// Starts a node below `folder` and waits until it says that it is ready.
    ///
    /// @param jvm options for this node's JVM beside our own
    static NodeProcess start(Path folder, List<String> jvm) throws IOException, InterruptedException {
        Path data = folder.resolve("data");
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        ManagementFactory.getRuntimeMXBean().getInputArguments().stream()
                .filter(argument -> !argument.startsWith("-agentlib:") && !argument.startsWith("-javaagent:"))
                .forEach(command::add);
        command.addAll(jvm);
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), "dev.sotto.server.Main"));
        command.addAll(List.of("up", "--demo", "--port", "0", "--data", data.toString()));
        var builder = new ProcessBuilder(command).redirectErrorStream(true);
        Map<String, String> environment = builder.environment();
        environment.put("SOTTO_STATE", folder.resolve("state").toString());
        long began = System.nanoTime();
        Process process = builder.start();
        var seen = new CountDownLatch(1);
        var tail = new StringBuilder();
        Thread.ofVirtual().name("bench-node-output").start(() -> read(process, seen, tail));
        boolean said = seen.await(PATIENCE.toSeconds(), TimeUnit.SECONDS);
        Duration took = Duration.ofNanos(System.nanoTime() - began);
        if (!said || !process.isAlive()) {
            process.destroyForcibly();
            throw new UnavailableException(
                    ServerError.NODE_NOT_READY,
                    "the node of the benchmark did not start: "
                            + tail.toString().strip());
        }
        var directory = new DataDirectory(data);
        var places = new NodePlaces(directory, StateDirectory.below(folder.resolve("state"), directory));
        return new NodeProcess(process, places, took);
    }

    private static void read(Process process, CountDownLatch seen, StringBuilder tail) {
        try (var reader = new BufferedReader(new InputStreamReader(process.getInputStream(), UTF_8))) {
            for (String line = reader.readLine(); line != null; line = reader.readLine()) {
                if (line.contains(" is ready after ")) {
                    seen.countDown();
                }
                if (seen.getCount() > 0 && tail.length() < 2_000) {
                    tail.append(line).append(' ');
                }
            }
        } catch (IOException _) {
            // the process ended
        }
        seen.countDown();
    }

    /// How long it took from the start of the process until it was ready.
    Duration ready() {
        return ready;
    }

    NodePlaces places() {
        return places;
    }

    /// Bytes the node needs now: heap that is in use after a collection, and what is resident outside the heap.
    /// Holds for a heap that was touched whole at the start, so that its residence does not change.
    long bytes() throws IOException, InterruptedException {
        diagnose("GC.run");
        long heap = number(HEAP_USED, diagnose("GC.heap_info")) * KIB;
        long resident =
                number(RESIDENT, Files.readString(Path.of("/proc", String.valueOf(process.pid()), "status"))) * KIB;
        return heap + resident;
    }

    private String diagnose(String command) throws IOException, InterruptedException {
        String jcmd = Path.of(System.getProperty("java.home"), "bin", "jcmd").toString();
        Process tool = new ProcessBuilder(jcmd, String.valueOf(process.pid()), command)
                .redirectErrorStream(true)
                .start();
        String output = new String(tool.getInputStream().readAllBytes(), UTF_8);
        tool.waitFor();
        return output;
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
        process.destroy();
        try {
            if (!process.waitFor(30, TimeUnit.SECONDS)) {
                process.destroyForcibly();
            }
        } catch (InterruptedException interrupted) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
        }
    }
}
