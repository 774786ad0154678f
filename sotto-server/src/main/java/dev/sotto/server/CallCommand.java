package dev.sotto.server;

import dev.sotto.core.RejectedException;
import dev.sotto.server.call.Calling;
import dev.sotto.server.node.ServerError;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/// Places a call as a carrier would.
@Command(
        name = "call",
        description = "Place a call over Twilio Media Streams; to the demo on this machine unless told otherwise.",
        mixinStandardHelpOptions = true)
final class CallCommand implements Callable<Integer> {
    @Option(names = "--wav", paramLabel = "FILE", description = "What the caller says: 16-bit PCM or mu-law WAV.")
    private Optional<Path> wav = Optional.empty();

    @Option(names = "--dtmf", paramLabel = "DIGITS", description = "Keys, in groups that end with #: 19840512#4417#")
    private String dtmf = "";

    @Option(names = "--from", paramLabel = "NUMBER", description = "The caller's number (default: one made up).")
    private Optional<String> from = Optional.empty();

    @Option(names = "--longest", paramLabel = "SECONDS", description = "Hang up after this long (default: 120).")
    private int longest = 120;

    @Mixin
    private DataOption data = new DataOption();

    @ArgGroup(exclusive = false, heading = "Calling another host:%n")
    private @Nullable Elsewhere elsewhere;

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it before call()
    private CommandSpec spec;

    /// All of these, or none.
    static final class Elsewhere {
        @Option(names = "--url", required = true, paramLabel = "URL", description = "Its media listener.")
        private URI url = URI.create("https://localhost");

        @Option(names = "--account", required = true, paramLabel = "SID", description = "The Twilio account to play.")
        private String account = "";

        @Option(names = "--token-file", required = true, paramLabel = "FILE", description = "Its auth token.")
        private Path tokenFile = Path.of("");

        @Option(names = "--to", required = true, paramLabel = "NUMBER", description = "The number to dial.")
        private String to = "";

        @Option(names = "--authority", paramLabel = "FILE", description = "Believe this PEM certificate only.")
        private Optional<Path> authority = Optional.empty();
    }

    @Override
    public Integer call() {
        if (longest < 1 || longest > 3_600) {
            throw new RejectedException(
                    ServerError.ARGUMENT_INVALID, "--longest (%d) must be 1 to 3600".formatted(longest));
        }
        var request = new Calling.Request(wav, dtmf, from, Duration.ofSeconds(longest));
        var out = spec.commandLine().getOut();
        boolean good;
        Elsewhere there = elsewhere;
        if (there != null) {
            good = Calling.elsewhere(
                    new Calling.Elsewhere(there.url, there.account, there.tokenFile, there.to),
                    request,
                    there.authority,
                    out);
        } else {
            good = Calling.local(data.places(), request, out);
        }
        return good ? ExitStatus.DONE : ExitStatus.NEGATIVE;
    }
}
