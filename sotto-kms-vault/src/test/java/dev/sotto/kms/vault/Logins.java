package dev.sotto.kms.vault;

import dev.sotto.keys.Passphrase;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;

/// Ways to log in at the simulator.
final class Logins {
    private Logins() {}

    static VaultLogin appRole(Path folder) {
        return appRole(folder, VaultSimulator.SECRET_ID);
    }

    static VaultLogin appRole(Path folder, String secretId) {
        return new VaultLogin.AppRole("approle", VaultSimulator.ROLE_ID, () -> {
            try {
                var file = Files.createTempFile(
                        folder,
                        "secret-id",
                        "",
                        PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
                Files.writeString(file, secretId);
                return Passphrase.ofInsecureFile(file);
            } catch (IOException failed) {
                throw new UncheckedIOException(failed);
            }
        });
    }
}
