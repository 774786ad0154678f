package dev.sotto.server.bench;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.sotto.core.UnavailableException;
import dev.sotto.server.call.NodeClient;
import dev.sotto.server.node.DataDirectory;
import dev.sotto.server.node.NodePlaces;
import dev.sotto.server.node.ServerError;
import dev.sotto.server.node.StateDirectory;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// A demo node in a process of its own, started as this one was: same Java, same options, same AOT cache, same
/// class path.
final class NodeProcess implements AutoCloseable {
    private static final Duration DIAGNOSIS = Duration.ofSeconds(30);
    private static final Pattern HEAP_USED = Pattern.compile("used (\\d+)K");
    private static final Pattern RESIDENT = Pattern.compile("VmRSS:\\s+(\\d+) kB");
    private static final String READY = " is ready after ";
    private static final long KIB = 1024;

    private final Spawned process;
    private final NodePlaces places;

    private NodeProcess(Spawned process, NodePlaces places) {
        this.process = process;
        this.places = places;
    }

    /// What the node's process takes.
    ///
    /// @param residentBytes of memory; that of the database's processes is not in it
    /// @param heapBytes of Java objects
    record Memory(long residentBytes, long heapBytes) {}

    /// Starts a node below `folder` and waits until it is ready: it says so, and its health check agrees.
    static NodeProcess start(Path folder) throws IOException, InterruptedException {
        return start(folder, Optional.empty());
    }

    /// The same with a configuration.
    static NodeProcess start(Path folder, Optional<Path> config) throws IOException, InterruptedException {
        NodePlaces places = places(folder);
        List<String> arguments = new ArrayList<>(List.of(
                "up", "--demo", "--port", "0", "--data", places.data().root().toString()));
        config.ifPresent(file -> arguments.addAll(List.of("--config", file.toString())));
        var builder = new ProcessBuilder(Spawned.sotto(arguments));
        builder.environment().put("SOTTO_STATE", folder.resolve("state").toString());
        Spawned process = Spawned.start(builder, READY, "node");
        try {
            NodeClient.connect(places).text("/health");
            return new NodeProcess(process, places);
        } catch (RuntimeException failure) {
            process.close();
            throw failure;
        }
    }

    /// Where a node below `folder` keeps what it has.
    static NodePlaces places(Path folder) {
        var directory = new DataDirectory(folder.resolve("data"));
        return new NodePlaces(directory, StateDirectory.below(folder.resolve("state"), directory));
    }

    /// From the start of the process until it was ready.
    Duration ready() {
        return process.took();
    }

    long pid() {
        return process.pid();
    }

    NodePlaces places() {
        return places;
    }

    /// Has the node collect garbage, then says what it takes.
    Memory memoryAfterCollection() throws IOException, InterruptedException {
        diagnose("GC.run");
        long heap = number(HEAP_USED, diagnose("GC.heap_info")) * KIB;
        Path status = Path.of("/proc", String.valueOf(pid()), "status");
        return new Memory(number(RESIDENT, Files.readString(status)) * KIB, heap);
    }

    private String diagnose(String command) throws IOException, InterruptedException {
        Process jcmd = new ProcessBuilder(Spawned.tool("jcmd"), String.valueOf(pid()), command)
                .redirectErrorStream(true)
                .start();
        String output = new String(jcmd.getInputStream().readAllBytes(), UTF_8);
        if (!jcmd.waitFor(DIAGNOSIS.toSeconds(), TimeUnit.SECONDS)) {
            jcmd.destroyForcibly();
        }
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
        process.close();
    }
}
