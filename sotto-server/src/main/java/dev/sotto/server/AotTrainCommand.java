package dev.sotto.server;

import dev.sotto.server.bench.Training;
import dev.sotto.server.node.NodeConfig;
import java.io.IOException;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;

/// Runs what a node does at its start and in a call, so that the JVM can note what it loaded. Used by the build.
@Command(name = "aot-train", description = "Used by the build: exercise a throwaway node.", hidden = true)
final class AotTrainCommand implements Callable<Integer> {
    @Override
    public Integer call() throws IOException, InterruptedException {
        LogSetup.apply(NodeConfig.LogLevel.WARN);
        Training.run();
        return ExitStatus.DONE;
    }
}
