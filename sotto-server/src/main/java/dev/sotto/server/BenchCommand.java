package dev.sotto.server;

import dev.sotto.core.RejectedException;
import dev.sotto.server.bench.CallsBench;
import dev.sotto.server.bench.Figure;
import dev.sotto.server.bench.SealingBench;
import dev.sotto.server.node.NodeConfig;
import dev.sotto.server.node.ServerError;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.Duration;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/// Measures this machine.
@Command(
        name = "bench",
        description = "Measure on a throwaway node.",
        mixinStandardHelpOptions = true,
        synopsisSubcommandLabel = "NAME")
final class BenchCommand {
    private static final int MAX_CALLS = 500;
    private static final int MAX_RUNS = 20;
    private static final int MAX_ROUNDS = 99;
    private static final int MAX_SECONDS = 3_600;

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it before a subcommand runs
    private CommandSpec spec;

    @Command(
            name = "calls",
            description = "Starts, and calls at once. Exit 1 if a target is missed.",
            mixinStandardHelpOptions = true)
    int calls(
            @Option(names = "--json", description = "One line of JSON a figure.") boolean json,
            @Option(names = "--calls", paramLabel = "N", defaultValue = "50", description = "Calls at once (50).")
                    int calls,
            @Option(
                            names = "--seconds",
                            paramLabel = "N",
                            defaultValue = "30",
                            description = "How long they are measured (30).")
                    int seconds,
            @Option(
                            names = "--warm-up",
                            paramLabel = "N",
                            defaultValue = "60",
                            description = "How many seconds a conversation runs before it is measured (60).")
                    int warmUp,
            @Option(
                            names = "--runs",
                            paramLabel = "N",
                            defaultValue = "3",
                            description = "Starts of each kind, and comparisons; the median counts (3).")
                    int runs,
            @Option(
                            names = "--only",
                            paramLabel = "PART",
                            split = ",",
                            description = "Some of ${COMPLETION-CANDIDATES}; all without it.")
                    @Nullable
                    Set<CallsBench.Part> only,
            @Option(
                            names = "--sample",
                            paramLabel = "DIR",
                            description = "Twilio's sample for OpenAI's Realtime API, installed, to compare with.")
                    @Nullable
                    Path sample,
            @Option(
                            names = "--bridge-mode",
                            paramLabel = "MODE",
                            defaultValue = "gated",
                            description = "The model.mode that is compared with the sample (gated).")
                    String bridgeMode,
            @Option(
                            names = "--bridge-seconds",
                            paramLabel = "N",
                            defaultValue = "60",
                            description = "How long a call of the comparison is (60).")
                    int bridgeSeconds)
            throws IOException, InterruptedException {
        within("--calls", calls, MAX_CALLS);
        within("--seconds", seconds, MAX_SECONDS);
        within("--warm-up", warmUp, MAX_SECONDS);
        within("--runs", runs, MAX_RUNS);
        within("--bridge-seconds", bridgeSeconds, MAX_SECONDS);
        LogSetup.apply(NodeConfig.LogLevel.WARN);
        PrintWriter progress = spec.commandLine().getErr();
        var options = new CallsBench.Options(
                calls,
                Duration.ofSeconds(seconds),
                Duration.ofSeconds(warmUp),
                runs,
                only == null ? EnumSet.allOf(CallsBench.Part.class) : only,
                Optional.ofNullable(sample).map(Path::toAbsolutePath),
                bridgeMode,
                Duration.ofSeconds(bridgeSeconds));
        return print(new CallsBench(options, progress).run(), json);
    }

    @Command(
            name = "sealing",
            description = "Sealing beside its peers. Exit 1 if a target is missed.",
            mixinStandardHelpOptions = true)
    int sealing(
            @Option(names = "--json", description = "One line of JSON a figure.") boolean json,
            @Option(
                            names = "--runs",
                            paramLabel = "N",
                            defaultValue = "9",
                            description = "Rounds, in which each contender has its turn; the median counts (9).")
                    int runs,
            @Option(
                            names = "--only",
                            paramLabel = "PART",
                            split = ",",
                            description = "Some of ${COMPLETION-CANDIDATES}; all without it.")
                    @Nullable
                    Set<SealingBench.Part> only)
            throws IOException, InterruptedException {
        within("--runs", runs, MAX_ROUNDS);
        return print(
                new SealingBench(
                                runs,
                                only == null ? EnumSet.allOf(SealingBench.Part.class) : only,
                                spec.commandLine().getErr())
                        .run(),
                json);
    }

    private int print(List<Figure> figures, boolean json) {
        PrintWriter out = spec.commandLine().getOut();
        if (json) {
            figures.forEach(figure -> out.println(figure.json()));
        } else {
            out.print(Figure.table(figures));
        }
        out.flush();
        return figures.stream().allMatch(Figure::met) ? ExitStatus.DONE : ExitStatus.NEGATIVE;
    }

    private static void within(String option, int value, int most) {
        if (value < 1 || value > most) {
            throw new RejectedException(
                    ServerError.ARGUMENT_INVALID, "%s (%d) must be 1 to %d".formatted(option, value, most));
        }
    }
}
