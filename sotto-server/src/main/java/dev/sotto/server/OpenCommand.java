package dev.sotto.server;

import java.io.IOException;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/// Open a file that seal made.
@Command(
        name = "open",
        description = "Open a file that seal made. For tests and drills.",
        mixinStandardHelpOptions = true)
final class OpenCommand implements Callable<Integer> {
    @Mixin
    private SealedFiles files = new SealedFiles();

    @Override
    public Integer call() throws IOException {
        files.open();
        return ExitStatus.DONE;
    }
}
