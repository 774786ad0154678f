package dev.sotto.server.bench;

import dev.sotto.core.UnavailableException;
import dev.sotto.server.call.CallReport;
import dev.sotto.server.call.CallTarget;
import dev.sotto.server.call.LocalTarget;
import dev.sotto.server.call.NodeClient;
import dev.sotto.server.node.ServerError;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/// What a call costs in processor time, beside the public sample of a bridge between the same two services: the same
/// callers, the same simulator, the same scene, the same length, one after the other.
final class BridgeFigures {
    private static final String FIGURE = "calls.bridge-vs-sample";
    private static final Duration FIRST_CALL = Duration.ofSeconds(30);
    private static final Duration SETTLE = Duration.ofSeconds(4);
    /// Sotto says who is speaking before it listens.
    private static final int FIRST_WORD_SECONDS = 15;
    private static final int EVERY_SECONDS = 10;
    private static final double MOST_RATIO = 0.5;
    private static final double MILLIS = 1_000;

    private final CallsBench.Options options;
    private final Progress progress;

    BridgeFigures(CallsBench.Options options, Progress progress) {
        this.options = options;
        this.progress = progress;
    }

    /// One side of the comparison.
    ///
    /// @param folder where what belongs to it was started from
    /// @param served what its model did so far, if it says so
    private record Side(String name, CallTarget target, long pid, Path folder, Supplier<Optional<Served>> served) {}

    /// What the model of a side did.
    ///
    /// @param answers that were heard
    /// @param handedOver calls that were handed over to the keypad
    private record Served(long answers, long handedOver) {
        Served since(Served earlier) {
            return new Served(answers - earlier.answers, handedOver - earlier.handedOver);
        }
    }

    /// Measures both, or says why not.
    List<Figure> measure() throws IOException, InterruptedException {
        Optional<Path> sample = options.sample();
        if (sample.isEmpty() || !Files.exists(sample.get().resolve("node_modules"))) {
            progress.say("""
                    %s: not measured
                    hint: git clone https://github.com/%s, run npm install in it, and name it with --sample DIR""".formatted(FIGURE, SampleProcess.NAME));
            return List.of(Figure.unmeasured(FIGURE, "s"));
        }
        try (Scratch scratch = Scratch.make();
                SimulatorProcess simulator =
                        SimulatorProcess.start(scratch.folder().resolve("simulator"));
                SampleProcess bridge = SampleProcess.start(sample.get(), simulator, scratch.folder());
                NodeProcess node = ModelNode.start(
                        options.bridgeMode(), simulator, scratch.folder().resolve("node"))) {
            var target = new LocalTarget(node.places()).resolve(Optional.empty(), Optional.empty(), Optional.empty());
            var ours = new Side(
                    "sotto",
                    target,
                    node.pid(),
                    scratch.folder().resolve("node"),
                    () -> served(NodeClient.connect(node.places())));
            var theirs = new Side(
                    "sample", bridge.target(), bridge.pid(), scratch.folder().resolve("sample"), Optional::empty);
            return compare(ours, theirs);
        }
    }

    /// A call that was handed over to the keypad is no call to compare, so the node's own counts are asked.
    private Optional<Served> served(NodeClient client) {
        String timer = switch (options.bridgeMode()) {
            case "gated" -> "sotto_agent_gated_audio_to_frame";
            case "strict" -> "sotto_agent_talk_added";
            default -> "";
        };
        if (timer.isEmpty()) {
            return Optional.empty();
        }
        String metrics = client.text("/metrics");
        return Optional.of(
                new Served(Histogram.read(metrics, timer).count(), Metrics.count(metrics, TalkFigures.HANDED_OVER)));
    }

    private List<Figure> compare(Side ours, Side theirs) throws IOException, InterruptedException {
        for (Side side : List.of(ours, theirs)) {
            progress.say("bridge: warming up %s with one call, then with %d", side.name(), options.calls());
            new Party(side.target(), 1).atSetTimes(FIRST_CALL, FIRST_WORD_SECONDS, EVERY_SECONDS);
            spend(side, options.warmUp(), false);
        }
        List<Double> sotto = new ArrayList<>();
        List<Double> sample = new ArrayList<>();
        for (int run = 0; run < options.runs(); run++) {
            sotto.add(spend(ours, options.bridged(), true));
            sample.add(spend(theirs, options.bridged(), true));
            progress.say(
                    "bridge %d of %d: sotto %.3f s a call, sample %.3f s a call",
                    run + 1, options.runs(), sotto.getLast(), sample.getLast());
        }
        progress.say(
                "bridge: sotto %s s a call, sample %s s a call, %d s each; sotto with TLS to the caller, the sample"
                        + " without",
                spread(sotto), spread(sample), options.bridged().toSeconds());
        return List.of(Figure.compared(
                FIGURE, CallsBench.median(sotto), "s", SampleProcess.NAME, CallsBench.median(sample), MOST_RATIO));
    }

    private void check(Served served) {
        progress.say(
                "bridge: the model of sotto gave %d answers, %d calls were handed over",
                served.answers(), served.handedOver());
        if (served.answers() < options.calls() || served.handedOver() > 0) {
            throw new UnavailableException(
                    ServerError.CALL_FAILED,
                    "the model answered %d times in %d calls and lost %d of them: there is nothing to compare"
                            .formatted(served.answers(), options.calls(), served.handedOver()));
        }
    }

    private static String spread(List<Double> values) {
        return "%.3f to %.3f"
                .formatted(
                        values.stream().mapToDouble(Double::doubleValue).min().orElse(0),
                        values.stream().mapToDouble(Double::doubleValue).max().orElse(0));
    }

    /// Processor time of one call, in seconds: all from the first webhook to the last byte that was sealed.
    private double spend(Side side, Duration each, boolean counts) throws IOException, InterruptedException {
        Optional<Served> before = side.served().get();
        Duration spentBefore = CpuTime.of(side.pid(), side.folder());
        List<CallReport> reports =
                new Party(side.target(), options.calls()).atSetTimes(each, FIRST_WORD_SECONDS, EVERY_SECONDS);
        Thread.sleep(SETTLE);
        Duration used = CpuTime.of(side.pid(), side.folder()).minus(spentBefore);
        if (counts) {
            before.ifPresent(earlier -> check(side.served().get().orElseThrow().since(earlier)));
        }
        double spoken = reports.stream()
                .flatMap(report -> report.heard().stream())
                .mapToDouble(heard -> heard.spoken().toMillis() / MILLIS)
                .average()
                .orElse(0);
        progress.say(
                "bridge: %s took %.2f s for %d calls, who heard %.1f s of speech each",
                side.name(), used.toMillis() / MILLIS, options.calls(), spoken);
        return used.toMillis() / MILLIS / options.calls();
    }
}
