package dev.sotto.server.bench;

import dev.sotto.core.UnavailableException;
import dev.sotto.server.call.LocalTarget;
import dev.sotto.server.call.NodeClient;
import dev.sotto.server.node.ServerError;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// What Sotto adds to a conversation with models, by the node's own timers: each of them counts every turn of the calls
/// that are measured, and none of the warm-up.
final class TalkFigures {
    private static final Duration FIRST_CALL = Duration.ofSeconds(30);
    static final String HANDED_OVER = "sotto_agent_handed_over_total";
    private static final double P50 = 0.5;
    private static final double P99 = 0.99;
    private static final double MOST_ADDED_MILLIS = 10;
    private static final double MOST_GUARD_MILLIS = 2;

    private final CallsBench.Options options;
    private final Progress progress;

    TalkFigures(CallsBench.Options options, Progress progress) {
        this.options = options;
        this.progress = progress;
    }

    /// Text only, behind the guard.
    List<Figure> strict() throws IOException, InterruptedException {
        Reading reading = measure("strict", "sotto_agent_talk_added");
        List<Figure> figures = new ArrayList<>();
        figures.add(
                reading.promised("calls.added-latency-strict-p99", "sotto_agent_talk_added", P99, MOST_ADDED_MILLIS));
        figures.add(reading.noted("calls.added-latency-strict-p50", "sotto_agent_talk_added", P50));
        figures.add(reading.noted("calls.strict-before-model-p99", "sotto_agent_talk_before_model", P99));
        figures.add(reading.noted("calls.strict-before-frame-p99", "sotto_agent_talk_before_frame", P99));
        figures.add(reading.promised("calls.guard-turn-p99", "sotto_guard_turn", P99, MOST_GUARD_MILLIS));
        figures.add(reading.noted("calls.guard-turn-p50", "sotto_guard_turn", P50));
        figures.add(reading.noted("calls.guard-recorded-p99", "sotto_guard_recorded", P99));
        figures.add(reading.noted("calls.guard-recorded-p50", "sotto_guard_recorded", P50));
        figures.add(Figure.noted("calls.disk-floor-p99", reading.floor().p99Millis(), "ms"));
        figures.add(Figure.noted("calls.disk-floor-p50", reading.floor().p50Millis(), "ms"));
        return figures;
    }

    /// Speech to speech, held until its words passed.
    List<Figure> gated() throws IOException, InterruptedException {
        Reading reading = measure("gated", "sotto_agent_gated_audio_to_frame");
        return List.of(
                reading.promised(
                        "calls.added-latency-gated-p99", "sotto_agent_gated_audio_to_frame", P99, MOST_ADDED_MILLIS),
                reading.noted("calls.gated-hold-p50", "sotto_agent_gated_hold", P50),
                reading.noted("calls.gated-hold-p99", "sotto_agent_gated_hold", P99));
    }

    /// What the timers counted while the calls lasted.
    private record Reading(String before, String after, DiskFloor floor) {
        Histogram of(String timer) {
            return Histogram.read(after, timer).since(Histogram.read(before, timer));
        }

        /// A call that went to the keypad is none that was measured.
        void checkNoneLost() {
            long lost = Metrics.count(after, HANDED_OVER) - Metrics.count(before, HANDED_OVER);
            if (lost > 0) {
                throw new UnavailableException(
                        ServerError.CALL_FAILED,
                        "%d calls were handed over to the keypad: nothing to measure".formatted(lost));
            }
        }

        /// Where the time went: every timer of the node that counted something.
        void sayAll(Progress progress) {
            for (String timer : Histogram.timers(after)) {
                Histogram counted = of(timer);
                if (counted.count() > 0) {
                    progress.say(
                            "  %-44s %7d x, mean %8.2f ms, p50 %8.2f ms, p99 %8.2f ms",
                            timer,
                            counted.count(),
                            counted.meanMillis(),
                            counted.quantileMillis(P50).orElse(0),
                            counted.quantileMillis(P99).orElse(0));
                }
            }
        }

        Figure promised(String figure, String timer, double share, double target) {
            return Figure.promised(figure, value(timer, share), "ms", target);
        }

        Figure noted(String figure, String timer, double share) {
            return Figure.noted(figure, value(timer, share), "ms");
        }

        private double value(String timer, double share) {
            return of(timer)
                    .quantileMillis(share)
                    .orElseThrow(() -> new UnavailableException(
                            ServerError.CALL_FAILED, "%s counted nothing: nothing to measure".formatted(timer)));
        }
    }

    private Reading measure(String mode, String timer) throws IOException, InterruptedException {
        try (Scratch scratch = Scratch.make();
                SimulatorProcess simulator =
                        SimulatorProcess.start(scratch.folder().resolve("simulator"));
                NodeProcess node =
                        ModelNode.start(mode, simulator, scratch.folder().resolve("node"))) {
            NodeClient client = NodeClient.connect(node.places());
            var target = new LocalTarget(node.places()).resolve(Optional.empty(), Optional.empty(), Optional.empty());
            var party = new Party(target, options.calls());
            progress.say(
                    "%s: warming up with %d calls for %d s",
                    mode, options.calls(), options.warmUp().toSeconds());
            // One first: a provider that a cold node reaches too late for all of them would rest afterwards.
            new Party(target, 1).inTurns(FIRST_CALL);
            party.inTurns(options.warmUp());
            String before = client.text("/metrics");
            progress.say(
                    "%s: measuring %d calls for %d s",
                    mode, options.calls(), options.measured().toSeconds());
            party.inTurns(options.measured());
            String after = client.text("/metrics");
            var reading = new Reading(before, after, DiskFloor.measure(scratch.folder()));
            Histogram counted = reading.of(timer);
            progress.say(
                    "%s: %d turns, mean %.2f ms, p50 %.2f ms, p90 %.2f ms, p99 %.2f ms",
                    mode,
                    counted.count(),
                    counted.meanMillis(),
                    counted.quantileMillis(P50).orElse(0),
                    counted.quantileMillis(0.9).orElse(0),
                    counted.quantileMillis(P99).orElse(0));
            reading.sayAll(progress);
            reading.checkNoneLost();
            return reading;
        }
    }
}
