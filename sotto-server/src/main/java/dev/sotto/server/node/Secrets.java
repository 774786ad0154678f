package dev.sotto.server.node;

import dev.sotto.core.RejectedException;
import dev.sotto.core.SensitiveText;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/// What `secret://name` in the configuration refers to: a systemd credential of that name, or a file in the
/// `secrets` folder of the state directory.
final class Secrets {
    private Secrets() {}

    /// @throws RejectedException if there is no such secret, or others can read its file
    static SensitiveText read(StateDirectory state, String name) {
        Path kept = state.secrets().resolve(name);
        Path file = Optional.ofNullable(System.getenv("CREDENTIALS_DIRECTORY"))
                .map(directory -> Path.of(directory, name))
                .filter(Files::exists)
                .orElse(kept);
        if (!Files.exists(file)) {
            throw new RejectedException(
                    ServerError.CONFIG_INVALID,
                    "secret://%s is not there\nhint: write it to %s (mode 600), or give systemd a credential of that name"
                            .formatted(name, kept));
        }
        return SensitiveText.of(PrivateFiles.readText(file));
    }
}
