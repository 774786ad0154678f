package dev.sotto.server.bench;

import dev.sotto.server.call.CallCrowd;
import dev.sotto.server.call.NodeClient;
import java.io.IOException;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import tools.jackson.databind.JsonNode;

/// How long a node takes to start, and what many calls at once cost: each figure on a throwaway node in a process
/// of its own, the callers in this one.
public final class CallsBench {
    private static final Duration WARM_UP = Duration.ofSeconds(8);
    private static final Duration SETTLE = Duration.ofSeconds(3);
    private static final Duration MEASURED = Duration.ofSeconds(35);
    private static final Duration REST = Duration.ofSeconds(12);
    /// A heap touched whole, so that what is resident changes outside of it only.
    private static final List<String> FIXED_HEAP = List.of("-Xms768m", "-Xmx768m", "-XX:+AlwaysPreTouch");
    private static final double MEGABYTE = 1_000_000;
    private static final double MICROS_A_MILLI = 1_000;

    private final int calls;
    private final int runs;
    private final PrintWriter progress;

    /// @param calls how many at once
    /// @param runs how many starts of each kind; the median counts
    public CallsBench(int calls, int runs, PrintWriter progress) {
        this.calls = calls;
        this.runs = runs;
        this.progress = progress;
    }

    public List<Figure> run() throws IOException, InterruptedException {
        List<Figure> figures = new ArrayList<>();
        starts(figures);
        crowd(figures);
        return figures;
    }

    private void starts(List<Figure> figures) throws IOException, InterruptedException {
        List<Double> first = new ArrayList<>();
        List<Double> warm = new ArrayList<>();
        for (int run = 0; run < runs; run++) {
            try (Scratch scratch = Scratch.make()) {
                try (NodeProcess node = NodeProcess.start(scratch.folder(), List.of())) {
                    first.add(seconds(node.ready()));
                }
                try (NodeProcess node = NodeProcess.start(scratch.folder(), List.of())) {
                    warm.add(seconds(node.ready()));
                }
            }
            say("start %d of %d: first %.2f s, warm %.2f s".formatted(run + 1, runs, first.getLast(), warm.getLast()));
        }
        figures.add(new Figure("calls.start-warm", median(warm), "s", 6));
        figures.add(new Figure("calls.start-first", median(first), "s", 15));
    }

    private void crowd(List<Figure> figures) throws IOException, InterruptedException {
        try (Scratch scratch = Scratch.make();
                NodeProcess node = NodeProcess.start(scratch.folder(), FIXED_HEAP)) {
            NodeClient client = NodeClient.connect(node.places());
            say("warming up with %d calls".formatted(calls));
            try (CallCrowd _ = CallCrowd.call(client, calls)) {
                pause(WARM_UP);
            }
            pause(REST);
            long before = node.bytes();
            long after;
            JsonNode late;
            try (CallCrowd crowd = CallCrowd.call(client, calls)) {
                pause(SETTLE);
                client.post("/api/v1/operator/lateness/reset");
                say("measuring %d calls for %d s".formatted(crowd.connected(), MEASURED.toSeconds()));
                pause(MEASURED);
                late = client.get("/api/v1/operator/lateness");
                after = node.bytes();
                if (crowd.connected() < calls) {
                    say("only %d of %d calls were connected".formatted(crowd.connected(), calls));
                }
            }
            say("%d frames, p50 %.2f ms, p99 %.2f ms, longest %.2f ms, %d lost their slot"
                    .formatted(
                            late.path("frames").asLong(),
                            late.path("p50Micros").asLong() / MICROS_A_MILLI,
                            late.path("p99Micros").asLong() / MICROS_A_MILLI,
                            late.path("maxMicros").asLong() / MICROS_A_MILLI,
                            late.path("shifted").asLong()));
            figures.add(new Figure(
                    "calls.%d-lateness-p99".formatted(calls),
                    late.path("p99Micros").asLong() / MICROS_A_MILLI,
                    "ms",
                    10));
            figures.add(new Figure("calls.memory", (after - before) / MEGABYTE / calls, "MB", 2));
        }
    }

    private static void pause(Duration duration) throws InterruptedException {
        Thread.sleep(duration);
    }

    private void say(String message) {
        progress.println(message);
        progress.flush();
    }

    private static double seconds(Duration duration) {
        return duration.toMillis() / 1_000.0;
    }

    private static double median(List<Double> values) {
        List<Double> sorted = values.stream().sorted().toList();
        int middle = sorted.size() / 2;
        return sorted.size() % 2 == 1 ? sorted.get(middle) : (sorted.get(middle - 1) + sorted.get(middle)) / 2;
    }
}
