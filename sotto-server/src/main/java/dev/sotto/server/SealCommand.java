package dev.sotto.server;

import java.io.IOException;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/// Seal a file under a node's keys.
@Command(
        name = "seal",
        description = "Seal a file under a node's keys. For tests and drills.",
        mixinStandardHelpOptions = true)
final class SealCommand implements Callable<Integer> {
    @Mixin
    private SealedFiles files = new SealedFiles();

    @Override
    public Integer call() throws IOException {
        files.seal();
        return ExitStatus.DONE;
    }
}
