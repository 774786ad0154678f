package dev.sotto.server;

import dev.sotto.core.RejectedException;
import dev.sotto.core.SensitiveText;
import dev.sotto.media.AudioClip;
import dev.sotto.media.WavFile;
import dev.sotto.server.call.CallPlan;
import dev.sotto.server.call.CallSession;
import dev.sotto.server.call.CallTarget;
import dev.sotto.server.call.KeyPlan;
import dev.sotto.server.call.KeyTiming;
import dev.sotto.server.call.LocalTarget;
import dev.sotto.server.node.ServerError;
import java.io.Console;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
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
    private static final Pattern E164 = Pattern.compile("\\+[1-9][0-9]{6,14}");
    private static final int MADE_UP_NUMBERS = 10_000;
    private static final int MAX_SECONDS = 3_600;

    @Option(
            names = "--wav",
            required = true,
            paramLabel = "FILE",
            description = "What the caller says: 16-bit PCM or mu-law WAV.")
    private Path wav = Path.of("");

    @Option(
            names = "--dtmf",
            paramLabel = "DIGITS",
            description = "What the caller keys, such as '19840512#4417#'. A group ends after # or at a space.")
    private String dtmf = "";

    @Option(
            names = "--by-turns",
            description = "Say each stretch of the WAV between silences of a second when the agent pauses.")
    private boolean byTurns;

    @Option(names = "--url", paramLabel = "URL", description = "The server to call (default: the node on --data).")
    private Optional<URI> url = Optional.empty();

    @Option(names = "--from", paramLabel = "NUMBER", description = "The caller's number (default: a made-up one).")
    private Optional<String> from = Optional.empty();

    @Option(names = "--to", paramLabel = "NUMBER", description = "The number to call (default: the demo's).")
    private Optional<String> to = Optional.empty();

    @Option(names = "--account", paramLabel = "SID", description = "The Twilio account to play (default: the demo's).")
    private Optional<String> account = Optional.empty();

    @Option(names = "--token-file", paramLabel = "FILE", description = "Holds the auth token of --account.")
    private Optional<Path> tokenFile = Optional.empty();

    @Option(names = "--longest", paramLabel = "SECONDS", description = "Hang up after this long (default: 300).")
    private int longest = 300;

    @Mixin
    private DataOption data = new DataOption();

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it before call()
    private CommandSpec spec;

    @Override
    public Integer call() {
        AudioClip voice = voice();
        KeyPlan keys = KeyPlan.parse(dtmf);
        CallTarget target = new LocalTarget(data.places()).resolve(url, account(), to);
        var plan = new CallPlan(caller(), target.to(), voice, keys, KeyTiming.practised(), true, longest(), byTurns);
        var session = new CallSession(target, plan, spec.commandLine().getOut(), isTerminal());
        return switch (session.run()) {
            case VERIFIED, HEARD -> ExitStatus.DONE;
            case NOT_VERIFIED -> ExitStatus.NEGATIVE;
        };
    }

    private AudioClip voice() {
        if (!Files.isRegularFile(wav)) {
            throw wrong("--wav (%s) is no file", wav, null);
        }
        try {
            return WavFile.read(wav);
        } catch (IOException unreadable) {
            throw wrong("--wav (%s) cannot be read", wav, unreadable);
        }
    }

    private Optional<LocalTarget.Account> account() {
        if (account.isPresent() != tokenFile.isPresent()) {
            throw new RejectedException(
                    ServerError.ARGUMENT_INVALID, "--account and --token-file must be given together");
        }
        return account.flatMap(sid -> tokenFile.map(file -> new LocalTarget.Account(sid, file)));
    }

    private SensitiveText caller() {
        String number = from.orElseGet(() -> "+1555011%04d".formatted(new SecureRandom().nextInt(MADE_UP_NUMBERS)));
        if (!E164.matcher(number).matches()) {
            throw new RejectedException(
                    ServerError.ARGUMENT_INVALID, "--from must be a number in e.164 form, such as +15550110123");
        }
        return SensitiveText.of(number);
    }

    private Duration longest() {
        if (longest < 1 || longest > MAX_SECONDS) {
            throw new RejectedException(
                    ServerError.ARGUMENT_INVALID, "--longest (%d) must be 1 to %d".formatted(longest, MAX_SECONDS));
        }
        return Duration.ofSeconds(longest);
    }

    private static boolean isTerminal() {
        return Optional.ofNullable(System.console()).filter(Console::isTerminal).isPresent();
    }

    private static RejectedException wrong(String message, Path file, @Nullable Exception cause) {
        return new RejectedException(ServerError.ARGUMENT_INVALID, message.formatted(file), cause);
    }
}
