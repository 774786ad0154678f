package dev.sotto.server;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/// Open a file that seal made.
@Command(
        name = "open",
        description = "Open a file that seal made: under a node's keys, or for a recipient with its private key.",
        mixinStandardHelpOptions = true)
final class OpenCommand implements Callable<Integer> {
    @Mixin
    private SealedFiles files = new SealedFiles();

    @Option(
            names = "--key",
            paramLabel = "FILE",
            description = "Open with the recipient's private key in this file; needs no node.")
    private Optional<Path> key = Optional.empty();

    @Override
    public Integer call() throws IOException {
        if (key.isPresent()) {
            files.openWith(key.get());
        } else {
            files.open();
        }
        return ExitStatus.DONE;
    }
}
