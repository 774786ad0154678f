package dev.sotto.server;

import dev.sotto.core.RejectedException;
import dev.sotto.server.node.NodeConfig;
import dev.sotto.server.node.ServerError;
import dev.sotto.server.node.Simulated;
import dev.sotto.server.up.RunningNode;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/// Starts a node and keeps it up until the process is told to end.
@Command(name = "up", description = "Start a node with everything embedded.", mixinStandardHelpOptions = true)
final class UpCommand implements Callable<Integer> {
    @Option(
            names = "--demo",
            description = "A made-up clinic to try; its passphrase is kept on this machine: insecure.")
    private boolean demo;

    @Option(
            names = "--model",
            paramLabel = "NAME",
            description = "'simulator': a scripted model inside this process talks with callers; demo only.")
    private Optional<String> model = Optional.empty();

    @Option(
            names = "--mode",
            paramLabel = "MODE",
            description = "How the simulator talks: 'strict' (text behind the guard, the default) or 'gated' (speech).")
    private Optional<String> mode = Optional.empty();

    @Option(names = "--config", paramLabel = "FILE", description = "Settings, see docs/reference/config.md.")
    private Optional<Path> config = Optional.empty();

    @Option(names = "--port", paramLabel = "N", description = "The dashboard's port; media gets the next one. 0: any.")
    private Optional<Integer> port = Optional.empty();

    @Mixin
    private DataOption data = new DataOption();

    @Mixin
    private PassphraseOption passphrase = new PassphraseOption();

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it before call()
    private CommandSpec spec;

    @Override
    public Integer call() throws InterruptedException, IOException {
        NodeConfig settings = settings();
        LogSetup.apply(demo && config.isEmpty() ? NodeConfig.LogLevel.WARN : settings.logLevel());
        var stop = new CountDownLatch(1);
        RunningNode node = RunningNode.start(new RunningNode.Options(
                data.places(), settings, demo, passphrase.source(), Optional.empty(), simulated()));
        data.places().noteConfig(config);
        // The hook only asks: this thread closes the node in order, and the process ends when it is done.
        var closed = new CountDownLatch(1);
        Runtime.getRuntime().addShutdownHook(new Thread(() -> end(stop, closed), "sotto-stop"));
        new StartReport(spec.commandLine().getOut()).print(node, sinceProcessStart());
        try {
            stop.await();
        } finally {
            node.close();
            closed.countDown();
        }
        return ExitStatus.DONE;
    }

    private Simulated simulated() {
        if (model.isPresent() && !(demo && model.get().equals("simulator"))) {
            throw new RejectedException(
                    ServerError.ARGUMENT_INVALID,
                    ("--model (%s) must be simulator, and goes with --demo\nhint: a real model is set up with the"
                                    + " model. keys of --config, see docs/reference/config.md")
                            .formatted(model.get()));
        }
        return switch (mode.orElse(model.isPresent() ? "strict" : "")) {
            case "" -> Simulated.NO;
            case "strict" -> checked(Simulated.STRICT);
            case "gated" -> checked(Simulated.GATED);
            default ->
                throw new RejectedException(
                        ServerError.ARGUMENT_INVALID, "--mode (%s) must be strict or gated".formatted(mode.get()));
        };
    }

    private Simulated checked(Simulated wanted) {
        if (model.isEmpty()) {
            throw new RejectedException(
                    ServerError.ARGUMENT_INVALID,
                    "--mode (%s) goes with --model simulator\nhint: elsewhere the key model.mode of --config says it"
                            .formatted(mode.get()));
        }
        return wanted;
    }

    private NodeConfig settings() {
        NodeConfig read = config.map(NodeConfig::load).orElseGet(NodeConfig::defaults);
        if (port.isEmpty()) {
            return read;
        }
        if (port.get() < 0 || port.get() > 65_534) {
            throw new RejectedException(
                    ServerError.ARGUMENT_INVALID, "--port (%d) must be 0 to 65534".formatted(port.get()));
        }
        return read.withPort(port.get());
    }

    private static void end(CountDownLatch stop, CountDownLatch closed) {
        stop.countDown();
        try {
            closed.await();
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    private static Duration sinceProcessStart() {
        Instant began =
                Instant.ofEpochMilli(ManagementFactory.getRuntimeMXBean().getStartTime());
        return Duration.between(began, Instant.now());
    }
}
