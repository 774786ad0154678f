package dev.sotto.server;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/// Seal a file under a node's keys, or for a recipient outside.
@Command(
        name = "seal",
        description = "Seal a file under a node's keys, for tests and drills; or for a recipient's public key.",
        mixinStandardHelpOptions = true)
final class SealCommand implements Callable<Integer> {
    @Mixin
    private SealedFiles files = new SealedFiles();

    @Option(
            names = "--to",
            paramLabel = "FILE",
            description = "Seal for the recipient whose public key is in this file; needs no node.")
    private Optional<Path> recipient = Optional.empty();

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it before the command runs
    private CommandSpec spec;

    @Override
    public Integer call() throws IOException {
        if (recipient.isPresent()) {
            PrintWriter out = spec.commandLine().getOut();
            out.printf("sealed for %s%n", files.sealTo(recipient.get()).fingerprint());
            out.flush();
        } else {
            files.seal();
        }
        return ExitStatus.DONE;
    }
}
