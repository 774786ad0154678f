package dev.sotto.server.bench;

import dev.sotto.core.UnavailableException;
import dev.sotto.server.call.CallReport;
import dev.sotto.server.call.NodeClient;
import dev.sotto.server.node.ServerError;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import tools.jackson.databind.JsonNode;

/// How long a node takes to start, and what many calls at once cost: each figure on a throwaway node in a
/// process of its own, started as this one was; the callers are in this one. Belongs to one thread.
public final class CallsBench {
    private static final Duration WARM_UP = Duration.ofSeconds(10);
    private static final Duration SETTLE = Duration.ofSeconds(2);
    private static final Duration REST = Duration.ofSeconds(3);
    private static final Duration HANG_UP = Duration.ofSeconds(30);
    private static final double MEGABYTE = 1_000_000;
    private static final double MICROS_A_MILLI = 1_000;

    private final Options options;
    private final Progress progress;
    private final List<Figure> figures = new ArrayList<>();

    /// What can be measured.
    public enum Part {
        /// How long a node takes to start.
        STARTS,
        /// Pacing and memory, with callers at the keypad.
        KEYPAD,
        /// What is added to a conversation in text, and the guard.
        STRICT,
        /// What is added to a conversation in sound.
        GATED,
        /// Processor time beside the public sample.
        BRIDGE
    }

    /// What to measure.
    ///
    /// @param calls at once
    /// @param measured how long, once all are connected
    /// @param warmUp how long conversations run before they are measured
    /// @param runs starts of each kind, and comparisons; the median counts
    /// @param parts what is measured
    /// @param sample where the public sample is installed
    /// @param bridgeMode in which the node talks while it is compared
    /// @param bridged how long a call of the comparison is
    public record Options(
            int calls,
            Duration measured,
            Duration warmUp,
            int runs,
            Set<Part> parts,
            Optional<Path> sample,
            String bridgeMode,
            Duration bridged) {
        public Options {
            parts = Set.copyOf(parts);
        }
    }

    /// @param progress where it says what it does
    public CallsBench(Options options, PrintWriter progress) {
        this.options = options;
        this.progress = new Progress(progress);
    }

    /// Measures what was asked for; takes minutes.
    public List<Figure> run() throws IOException, InterruptedException {
        for (Part part : Part.values()) {
            if (options.parts().contains(part)) {
                measure(part);
            }
        }
        return List.copyOf(figures);
    }

    private void measure(Part part) throws IOException, InterruptedException {
        switch (part) {
            case STARTS -> starts();
            case KEYPAD -> calls();
            case STRICT -> figures.addAll(new TalkFigures(options, progress).strict());
            case GATED -> figures.addAll(new TalkFigures(options, progress).gated());
            case BRIDGE -> figures.addAll(new BridgeFigures(options, progress).measure());
        }
    }

    private void starts() throws IOException, InterruptedException {
        List<Double> first = new ArrayList<>();
        List<Double> warm = new ArrayList<>();
        for (int run = 0; run < options.runs(); run++) {
            try (Scratch scratch = Scratch.make()) {
                try (NodeProcess node = NodeProcess.start(scratch.folder())) {
                    first.add(seconds(node.ready()));
                }
                try (NodeProcess node = NodeProcess.start(scratch.folder())) {
                    warm.add(seconds(node.ready()));
                }
            }
            progress.say(
                    "start %d of %d: empty data %.2f s, existing data %.2f s",
                    run + 1, options.runs(), first.getLast(), warm.getLast());
        }
        figures.add(Figure.promised("calls.start-warm", median(warm), "s", 6));
        figures.add(Figure.promised("calls.start-first", median(first), "s", 15));
    }

    private void calls() throws IOException, InterruptedException {
        try (Scratch scratch = Scratch.make();
                NodeProcess node = NodeProcess.start(scratch.folder())) {
            NodeClient client = NodeClient.connect(node.places());
            warmUp(node, client);
            NodeProcess.Memory idle = node.memoryAfterCollection();
            progress.say(
                    "without calls: %.0f MB resident, %.0f MB of it used heap",
                    idle.residentBytes() / MEGABYTE, idle.heapBytes() / MEGABYTE);
            Crowd crowd = Crowd.call(node.places(), options.calls());
            try (crowd) {
                crowd.awaitConnected();
                Thread.sleep(SETTLE);
                measure(crowd, node, client, idle);
            }
            List<CallReport> reports = crowd.reports();
            long gaps = reports.stream()
                    .flatMap(report -> report.heard().stream())
                    .mapToLong(CallReport.Heard::gaps)
                    .sum();
            progress.say("callers heard %d gaps in %d calls", gaps, reports.size());
        }
    }

    /// Loads and compiles what calls need, once, so that it is not counted as what each call costs.
    private void warmUp(NodeProcess node, NodeClient client) throws InterruptedException {
        progress.say("warming up with %d calls for %d s", options.calls(), WARM_UP.toSeconds());
        try (Crowd crowd = Crowd.call(node.places(), options.calls())) {
            crowd.awaitConnected();
            Thread.sleep(WARM_UP);
        }
        long end = System.nanoTime() + HANG_UP.toNanos();
        while (legs(client) > 0) {
            if (System.nanoTime() - end > 0) {
                throw new UnavailableException(ServerError.CALL_FAILED, "the node still has calls after all hung up");
            }
            Thread.sleep(REST.dividedBy(10));
        }
        Thread.sleep(REST);
    }

    private void measure(Crowd crowd, NodeProcess node, NodeClient client, NodeProcess.Memory idle)
            throws IOException, InterruptedException {
        client.post("/api/v1/operator/lateness/reset");
        progress.say(
                "measuring %d calls for %d s",
                crowd.onTheLine(), options.measured().toSeconds());
        Thread.sleep(options.measured());
        JsonNode late = client.get("/api/v1/operator/lateness");
        int onTheLine = crowd.onTheLine();
        NodeProcess.Memory busy = node.memoryAfterCollection();
        if (onTheLine < options.calls() || crowd.failures() > 0) {
            throw new UnavailableException(
                    ServerError.CALL_FAILED,
                    "%d of %d calls are on the line and %d broke: nothing to measure"
                            .formatted(onTheLine, options.calls(), crowd.failures()));
        }
        progress.say(
                "%d frames: p50 %.2f ms, p99 %.2f ms, latest %.2f ms, %d lost their slot",
                late.path("frames").asLong(),
                late.path("p50Micros").asLong() / MICROS_A_MILLI,
                late.path("p99Micros").asLong() / MICROS_A_MILLI,
                late.path("maxMicros").asLong() / MICROS_A_MILLI,
                late.path("shifted").asLong());
        progress.say(
                "with calls: %.0f MB resident, %.0f MB of it used heap",
                busy.residentBytes() / MEGABYTE, busy.heapBytes() / MEGABYTE);
        String name = "calls.%d-lateness".formatted(options.calls());
        figures.add(Figure.promised(name + "-p99", late.path("p99Micros").asLong() / MICROS_A_MILLI, "ms", 10));
        figures.add(Figure.noted(name + "-max", late.path("maxMicros").asLong() / MICROS_A_MILLI, "ms"));
        figures.add(Figure.promised("calls.memory", each(busy.residentBytes() - idle.residentBytes()), "MB", 2));
        figures.add(Figure.noted("calls.memory-heap", each(busy.heapBytes() - idle.heapBytes()), "MB"));
    }

    private double each(long bytes) {
        return bytes / MEGABYTE / options.calls();
    }

    /// Streams the node has open.
    private static long legs(NodeClient client) {
        return Metrics.read(client.text("/metrics"), "sotto_media_legs");
    }

    private static double seconds(Duration duration) {
        return duration.toMillis() / 1_000.0;
    }

    static double median(List<Double> values) {
        List<Double> sorted = values.stream().sorted().toList();
        int middle = sorted.size() / 2;
        return sorted.size() % 2 == 1 ? sorted.get(middle) : (sorted.get(middle - 1) + sorted.get(middle)) / 2;
    }
}
