package dev.sotto.server;

import dev.sotto.server.detect.TurnStream;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/// Put types in the place of what may identify a person.
@Command(
        name = "redact",
        description = {
            "Put types such as <PHONE> in the place of what may identify a person.",
            "Reads lines of text from standard input and writes them to standard output."
        },
        mixinStandardHelpOptions = true)
final class RedactCommand implements Callable<Integer> {
    @Option(
            names = "--jsonl",
            description = "The lines are {\"id\",\"text\"[,\"call\"]}; writes {\"id\",\"text\"} for each, in order.")
    private boolean jsonl;

    @Override
    public Integer call() throws IOException {
        // As bytes, so that the character set of the terminal does not matter.
        try (OutputStream out = new FileOutputStream(FileDescriptor.out)) {
            var turns = new TurnStream(System.in, out);
            if (jsonl) {
                turns.redactTurns();
            } else {
                turns.redactText();
            }
        }
        return ExitStatus.DONE;
    }
}
