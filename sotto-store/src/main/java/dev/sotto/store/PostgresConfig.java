package dev.sotto.store;

import static java.util.Objects.requireNonNull;

import dev.sotto.core.SensitiveText;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;

/// How to run the embedded database.
///
/// @param directory where it lives, such as `DIR/postgres`; made with mode 0700
/// @param binaries where unpacked binaries are kept between starts, outside the data directory; one folder a version
/// @param certificate PEM chain of the server's certificate, for `localhost`
/// @param privateKey PEM private key of the certificate, mode 0600, outside the data directory
/// @param authority PEM certificate that clients trust
/// @param passwords one for each [Role], the same at every start
/// @param port where to listen on 127.0.0.1; 0 for a free one
public record PostgresConfig(
        Path directory,
        Path binaries,
        Path certificate,
        Path privateKey,
        Path authority,
        Map<Role, SensitiveText> passwords,
        int port) {
    private static final int MAX_PORT = 65_535;

    public PostgresConfig {
        directory = directory.toAbsolutePath().normalize();
        binaries = binaries.toAbsolutePath().normalize();
        certificate = certificate.toAbsolutePath().normalize();
        privateKey = privateKey.toAbsolutePath().normalize();
        authority = authority.toAbsolutePath().normalize();
        passwords = Map.copyOf(passwords);
        for (Role role : Role.values()) {
            SensitiveText password = passwords.get(role);
            if (password == null || password.length() < 16) {
                throw new IllegalArgumentException("passwords must give %s at least 16 characters".formatted(role));
            }
        }
        if (port < 0 || port > MAX_PORT) {
            throw new IllegalArgumentException("port (%d) must be 0 to 65535".formatted(port));
        }
        requireNonNull(passwords, "passwords");
    }

    /// The default for `binaries`: `$XDG_CACHE_HOME/sotto/postgres` or `~/.cache/sotto/postgres`.
    public static Path userCache() {
        return Optional.ofNullable(System.getenv("XDG_CACHE_HOME"))
                .filter(text -> text.startsWith("/"))
                .map(Path::of)
                .orElseGet(() -> Path.of(System.getProperty("user.home"), ".cache"))
                .resolve("sotto")
                .resolve("postgres");
    }

    SensitiveText password(Role role) {
        return requireNonNull(passwords.get(role), "password");
    }
}
