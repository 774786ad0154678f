package dev.sotto.server;

import dev.sotto.core.RejectedException;
import dev.sotto.keys.Recipient;
import dev.sotto.keys.RecipientKey;
import dev.sotto.server.node.ServerError;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/// Makes the key pair of somebody who receives exports. The private key goes into a file under a
/// passphrase, and is never shown.
@Command(
        name = "recipient",
        description = "Make a key pair to receive sealed files with: FILE, and FILE.pub for whoever seals them.",
        mixinStandardHelpOptions = true)
final class RecipientCommand implements Callable<Integer> {
    @Parameters(index = "0", paramLabel = "FILE", description = "The file of the private key; must not exist.")
    private Path file = Path.of("");

    @Option(
            names = "--suite",
            paramLabel = "SUITE",
            description = "x-wing (X25519 with ML-KEM-768; the default where Java has it) or x25519.")
    private Optional<String> suite = Optional.empty();

    @Mixin
    private PassphraseOption passphrase = new PassphraseOption();

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it before the command runs
    private CommandSpec spec;

    @Override
    public Integer call() throws IOException {
        Recipient.Suite chosen = suite.map(Recipient.Suite::ofCode).orElseGet(Recipient.Suite::best);
        Path shown = file.resolveSibling(file.getFileName() + ".pub");
        for (Path each : new Path[] {file, shown}) {
            if (Files.exists(each)) {
                throw new RejectedException(ServerError.FILE_UNUSABLE, "the file (%s) exists already".formatted(each));
            }
        }
        char[] secret = passphrase.source().readOwn(true);
        var random = new SecureRandom();
        try (RecipientKey key = RecipientKey.generate(chosen, random)) {
            key.write(file, secret, random);
            RecipientFiles.write(shown, key.recipient());
            PrintWriter out = spec.commandLine().getOut();
            out.printf("%s  %s%n", key.recipient().fingerprint(), shown);
            out.flush();
        } finally {
            Arrays.fill(secret, '\0');
        }
        return ExitStatus.DONE;
    }
}
