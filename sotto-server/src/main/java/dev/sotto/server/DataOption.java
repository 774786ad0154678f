package dev.sotto.server;

import dev.sotto.server.node.DataDirectory;
import dev.sotto.server.node.NodePlaces;
import java.nio.file.Path;
import java.util.Optional;
import picocli.CommandLine.Option;

/// `--data DIR`, for every command that works on a node's data.
final class DataOption {
    @Option(names = "--data", paramLabel = "DIR", description = "The data directory (default: ~/.local/share/sotto).")
    private Optional<Path> data = Optional.empty();

    /// As it was given, to be put behind a command that is named to the user; empty if it was not.
    String again() {
        return data.map(directory -> " --data " + directory).orElse("");
    }

    NodePlaces places() {
        return NodePlaces.of(data.map(DataDirectory::new).orElseGet(DataDirectory::standard));
    }
}
