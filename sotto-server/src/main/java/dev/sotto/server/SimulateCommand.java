package dev.sotto.server;

import dev.sotto.server.node.LoneSimulator;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/// The model simulator in a process of its own, until it is told to end. Used by benchmarks, so that what it takes is
/// not taken for the node's.
@Command(
        name = "simulate",
        description = "Used by bench: the scripted model simulator, on loopback.",
        hidden = true,
        mixinStandardHelpOptions = true)
final class SimulateCommand implements Callable<Integer> {
    @Option(
            names = "--folder",
            paramLabel = "DIR",
            required = true,
            description = "Where it puts its token and the certificate of its authority.")
    @SuppressWarnings("NullAway.Init") // picocli sets it before call()
    private Path folder;

    @Option(names = "--scene", paramLabel = "FILE", required = true, description = "What it plays.")
    @SuppressWarnings("NullAway.Init") // picocli sets it before call()
    private Path scene;

    @Option(
            names = "--pace",
            paramLabel = "N",
            defaultValue = "4",
            description = "How many times faster than it is heard the model speaks; 0 is at once (4).")
    private double pace;

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it before call()
    private CommandSpec spec;

    @Override
    public Integer call() throws InterruptedException {
        var stop = new CountDownLatch(1);
        try (LoneSimulator simulator = LoneSimulator.start(folder, scene, pace)) {
            Runtime.getRuntime().addShutdownHook(new Thread(stop::countDown, "sotto-stop"));
            var out = spec.commandLine().getOut();
            out.println("simulator ready at " + simulator.base());
            out.flush();
            stop.await();
        }
        return ExitStatus.DONE;
    }
}
