package dev.sotto.server;

import dev.sotto.server.node.PassphraseSource;
import java.util.Optional;
import picocli.CommandLine.Option;

/// `--passphrase-fd N`, for every command that opens the key store.
final class PassphraseOption {
    @Option(
            names = "--passphrase-fd",
            paramLabel = "N",
            description = "Read the key store's passphrase from this open file descriptor.")
    private Optional<Integer> descriptor = Optional.empty();

    PassphraseSource source() {
        return new PassphraseSource(descriptor);
    }
}
