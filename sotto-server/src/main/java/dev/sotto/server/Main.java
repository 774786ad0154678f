package dev.sotto.server;

import dev.sotto.core.RejectedException;
import dev.sotto.core.SottoException;
import dev.sotto.keys.CryptoProvider;
import java.io.PrintWriter;
import java.util.Locale;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.HelpCommand;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.RunLast;
import picocli.CommandLine.UnmatchedArgumentException;

/// The `sotto` command. Only `up` starts the web stack; every other command is a plain tool.
@Command(
        name = "sotto",
        description = "Voice agents for calls that must stay private.",
        synopsisSubcommandLabel = "COMMAND",
        mixinStandardHelpOptions = true,
        subcommands = {
            UpCommand.class,
            CallCommand.class,
            DetectCommand.class,
            RedactCommand.class,
            AuditCommand.class,
            KeysCommand.class,
            BackupCommand.class,
            SealCommand.class,
            OpenCommand.class,
            RecipientCommand.class,
            BenchCommand.class,
            AotTrainCommand.class,
            SimulateCommand.class,
            VersionCommand.class,
            HelpCommand.class
        })
public final class Main {
    Main() {}

    public static void main(String[] args) {
        // Spring Boot must not set logging up again, nor read configuration of its own.
        System.setProperty("org.springframework.boot.logging.LoggingSystem", "none");
        System.setProperty("java.awt.headless", "true");
        System.exit(run(args));
    }

    /// Runs one command and gives its exit status, without ending the process.
    static int run(String... args) {
        return commandLine().execute(args);
    }

    static CommandLine commandLine() {
        var line = new CommandLine(new Main());
        line.setCaseInsensitiveEnumValuesAllowed(true);
        line.setPosixClusteredShortOptionsAllowed(false);
        line.setAbbreviatedOptionsAllowed(false);
        line.setExecutionStrategy(Main::execute);
        line.setParameterExceptionHandler(Main::wrongUse);
        line.setExecutionExceptionHandler((failure, command, _) -> failed(failure, command));
        return line;
    }

    /// The FIPS distribution does nothing at all before its module is in place.
    private static int execute(ParseResult parsed) {
        if (CryptoProvider.isFips()) {
            try {
                CryptoProvider.install();
            } catch (RejectedException refused) {
                return failed(refused, parsed.commandSpec().commandLine());
            }
        }
        return new RunLast().execute(parsed);
    }

    private static int wrongUse(ParameterException failure, String[] args) {
        CommandLine command = failure.getCommandLine();
        String message = failure instanceof UnmatchedArgumentException unmatched
                        && !unmatched.getUnmatched().isEmpty()
                ? unmatched(unmatched.getUnmatched().getFirst(), command)
                : firstLine(String.valueOf(failure.getMessage()));
        complain(command, message, "%s --help".formatted(called(command)));
        return ExitStatus.WRONG_USE;
    }

    private static String unmatched(String argument, CommandLine command) {
        if (argument.startsWith("-")) {
            return "unknown option (%s)".formatted(argument);
        }
        return "unknown %s (%s)".formatted(command.getSubcommands().isEmpty() ? "argument" : "command", argument);
    }

    private static int failed(Exception failure, CommandLine command) {
        if (failure instanceof SottoException known) {
            String[] parts = String.valueOf(known.getMessage()).split("\nhint: ", 2);
            complain(command, parts[0], parts.length == 2 ? parts[1] : hint(known));
            return ExitStatus.of(known);
        }
        complain(
                command,
                "unexpected failure (%s)".formatted(failure.getClass().getSimpleName()),
                "this is a fault of sotto; the line logged with it says where");
        org.slf4j.LoggerFactory.getLogger(Main.class)
                .atError()
                .setCause(failure)
                .addKeyValue("event", "server.command.failed")
                .log("a command failed");
        return ExitStatus.NEGATIVE;
    }

    private static String hint(SottoException failure) {
        return "the reason is %s, see docs/reference/errors.md"
                .formatted(failure.code().name().toLowerCase(Locale.ROOT));
    }

    private static void complain(CommandLine command, String message, String hint) {
        PrintWriter err = command.getErr();
        err.println("sotto: " + message);
        err.println("hint: " + hint);
        err.flush();
    }

    private static String called(CommandLine command) {
        return "./" + command.getCommandSpec().qualifiedName();
    }

    private static String firstLine(String message) {
        String line = message.lines().findFirst().orElse("wrong use");
        return line.substring(0, 1).toLowerCase(Locale.ROOT) + line.substring(1);
    }

    static ParseResult parse(String... args) {
        return commandLine().parseArgs(args);
    }
}
