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

    NodePlaces places() {
        return NodePlaces.of(data.map(DataDirectory::new).orElseGet(DataDirectory::standard));
    }
}
