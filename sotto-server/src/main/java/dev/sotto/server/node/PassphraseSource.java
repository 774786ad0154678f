package dev.sotto.server.node;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.sotto.core.RejectedException;
import dev.sotto.core.UnavailableException;
import java.io.Console;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.Base64;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// Where the passphrase of the key store comes from: a file descriptor, a systemd credential or a prompt. Never the
/// environment and never the configuration. The caller clears what it gets.
public final class PassphraseSource {
    /// The name of the systemd credential (systemd.exec(5), `LoadCredential=`).
    static final String CREDENTIAL = "sotto-passphrase";

    private static final int MIN_LENGTH = 12;
    private static final int MAX_BYTES = 1_024;
    private static final int DEMO_BYTES = 32;

    private final Optional<Integer> descriptor;

    /// @param descriptor an open file descriptor to read one line from, if the caller names one
    public PassphraseSource(Optional<Integer> descriptor) {
        this.descriptor = descriptor;
    }

    /// The passphrase of an operator's own node.
    ///
    /// @param fresh whether the key store is about to be made, so that a prompt asks twice
    char[] read(boolean fresh) {
        char[] passphrase = descriptor.isPresent()
                ? fromFile(Path.of("/proc/self/fd", String.valueOf(descriptor.get())), "descriptor " + descriptor.get())
                : credential()
                        .map(file -> fromFile(file, "credential " + CREDENTIAL))
                        .orElseGet(() -> prompt(fresh));
        if (passphrase.length < MIN_LENGTH) {
            Arrays.fill(passphrase, '\0');
            throw new RejectedException(
                    ServerError.PASSPHRASE_MISSING,
                    "the passphrase must have at least %d characters".formatted(MIN_LENGTH));
        }
        return passphrase;
    }

    /// The passphrase of a demo node: made once and kept in the state directory, in clear.
    static char[] demo(StateDirectory state, SecureRandom random) {
        if (!Files.exists(state.demoPassphrase())) {
            byte[] bytes = new byte[DEMO_BYTES];
            random.nextBytes(bytes);
            PrivateFiles.write(
                    state.demoPassphrase(),
                    Base64.getUrlEncoder().withoutPadding().encodeToString(bytes));
        }
        return PrivateFiles.readText(state.demoPassphrase()).toCharArray();
    }

    private static Optional<Path> credential() {
        return Optional.ofNullable(System.getenv("CREDENTIALS_DIRECTORY"))
                .map(directory -> Path.of(directory, CREDENTIAL))
                .filter(Files::exists);
    }

    private static char[] fromFile(Path file, String name) {
        try (InputStream in = Files.newInputStream(file)) {
            byte[] bytes = in.readNBytes(MAX_BYTES + 1);
            if (bytes.length > MAX_BYTES) {
                throw new RejectedException(
                        ServerError.PASSPHRASE_MISSING,
                        "the passphrase must have at most %d bytes".formatted(MAX_BYTES));
            }
            try {
                return firstLine(bytes);
            } finally {
                Arrays.fill(bytes, (byte) 0);
            }
        } catch (IOException failure) {
            throw new UnavailableException(
                    ServerError.PASSPHRASE_MISSING, "the passphrase cannot be read from " + name, failure);
        }
    }

    private static char[] firstLine(byte[] bytes) throws CharacterCodingException {
        int end = 0;
        while (end < bytes.length && bytes[end] != '\n' && bytes[end] != '\r') {
            end++;
        }
        CharBuffer decoded = UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes, 0, end));
        char[] passphrase = new char[decoded.remaining()];
        decoded.get(passphrase);
        Arrays.fill(decoded.array(), '\0');
        return passphrase;
    }

    @SuppressWarnings("SystemConsoleNull") // it says so itself: null where there is no terminal provider
    private static char[] prompt(boolean fresh) {
        @Nullable Console console = System.console();
        if (console == null || !console.isTerminal()) {
            throw new UnavailableException(
                    ServerError.PASSPHRASE_MISSING,
                    "no passphrase for the key store\n"
                            + "hint: run in a terminal, add --passphrase-fd N, or give systemd the credential "
                            + CREDENTIAL);
        }
        char[] first = ask(console, fresh ? "new passphrase: " : "passphrase: ");
        if (fresh) {
            char[] second = ask(console, "again: ");
            boolean same = Arrays.equals(first, second);
            Arrays.fill(second, '\0');
            if (!same) {
                Arrays.fill(first, '\0');
                throw new RejectedException(ServerError.PASSPHRASE_MISSING, "the two passphrases differ");
            }
        }
        return first;
    }

    private static char[] ask(Console console, String question) {
        return Optional.ofNullable(console.readPassword("%s", question)).orElseGet(() -> new char[0]);
    }
}
