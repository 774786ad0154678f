package dev.sotto.server;

import dev.sotto.server.node.NodeConfig;
import dev.sotto.server.node.NodeFile;
import dev.sotto.server.node.NodePlaces;
import dev.sotto.server.node.Offline;
import dev.sotto.server.node.PassphraseSource;
import java.nio.file.Path;
import java.util.Optional;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/// `--data`, `--passphrase-fd` and `--config`, for every command that asks a running node or works on the data of a
/// stopped one. Such data is opened with the settings the node itself last ran with, unless others are named.
final class NodeOptions {
    @Mixin
    private DataOption data = new DataOption();

    @Mixin
    private PassphraseOption passphrase = new PassphraseOption();

    @Option(
            names = "--config",
            paramLabel = "FILE",
            description = "Settings for a stopped node's data (default: what the node last ran with).")
    private Optional<Path> config = Optional.empty();

    NodePlaces places() {
        return data.places();
    }

    /// See [DataOption#again].
    String again() {
        return data.again();
    }

    PassphraseSource source() {
        return passphrase.source();
    }

    boolean isRunning() {
        return NodeFile.running(places()).isPresent();
    }

    NodeConfig settings() {
        return places().settings(config);
    }

    /// The data of a stopped node.
    Offline offline() {
        return Offline.open(places(), settings(), source());
    }
}
