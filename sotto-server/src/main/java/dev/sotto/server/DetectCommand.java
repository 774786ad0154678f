package dev.sotto.server;

import dev.sotto.server.detect.TurnStream;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;

/// Find what may identify a person in turns.
@Command(
        name = "detect",
        description = {
            "Find what may identify a person in turns.",
            "Reads lines {\"id\",\"text\"[,\"call\",\"turn\",\"speaker\"]} from standard input and writes",
            "{\"id\",\"spans\":[{\"start\",\"end\",\"type\",\"score\"}]} for each, in order. Offsets count code points."
        },
        mixinStandardHelpOptions = true)
final class DetectCommand implements Callable<Integer> {
    @Override
    public Integer call() throws IOException {
        // As bytes, so that the character set of the terminal does not matter.
        try (OutputStream out = new FileOutputStream(FileDescriptor.out)) {
            new TurnStream(System.in, out).detect();
        }
        return ExitStatus.DONE;
    }
}
