package dev.sotto.server;

import dev.sotto.core.RejectedException;
import dev.sotto.server.bench.CallsBench;
import dev.sotto.server.bench.Figure;
import dev.sotto.server.node.ServerError;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.List;
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
            @Option(names = "--runs", paramLabel = "N", defaultValue = "3", description = "Starts of each kind (3).")
                    int runs)
            throws IOException, InterruptedException {
        if (calls < 1 || calls > MAX_CALLS || runs < 1 || runs > MAX_RUNS) {
            throw new RejectedException(
                    ServerError.ARGUMENT_INVALID,
                    "--calls must be 1 to %d and --runs 1 to %d".formatted(MAX_CALLS, MAX_RUNS));
        }
        PrintWriter out = spec.commandLine().getOut();
        PrintWriter progress = spec.commandLine().getErr();
        List<Figure> figures = new CallsBench(calls, runs, progress).run();
        out.print(json ? Figure.lines(figures) : Figure.table(figures));
        out.flush();
        return figures.stream().allMatch(Figure::met) ? ExitStatus.DONE : ExitStatus.NEGATIVE;
    }
}
