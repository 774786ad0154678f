package dev.sotto.keys;

import dev.sotto.core.DeniedException;
import dev.sotto.core.RejectedException;
import dev.sotto.core.UnavailableException;
import java.io.Console;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.Base64;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// The passphrase of the local key store, and the only places it may come from: a prompt, a file descriptor, a
/// systemd credential. Never the environment or a config file, which end up in process lists, dumps and repositories.
///
/// Prints as `[REDACTED]`; [#close()] overwrites this copy. Not thread-safe.
public final class Passphrase implements AutoCloseable {
    /// The most characters a passphrase may have.
    public static final int MAX_LENGTH = 1024;

    private static final int MAX_BYTES = 4 * MAX_LENGTH + 2;
    private static final int GENERATED_BYTES = 32;
    private static final String DIRECTORY = "CREDENTIALS_DIRECTORY";
    private static final Pattern CREDENTIAL = Pattern.compile("[A-Za-z0-9_][A-Za-z0-9._-]{0,254}");

    private final char[] characters;

    private Passphrase(char[] characters) {
        this.characters = characters;
    }

    /// Asks whoever sits at the terminal, without echo.
    ///
    /// @throws RejectedException if there is no terminal or nothing was typed
    public static Passphrase ofPrompt(String prompt) {
        return typed(terminal(), prompt);
    }

    /// Asks twice for a new passphrase.
    ///
    /// @throws RejectedException if there is no terminal, nothing was typed, or the two differ
    public static Passphrase ofNewPrompt(String prompt) {
        var console = terminal();
        var first = typed(console, prompt);
        try (var second = typed(console, "again: ")) {
            if (!Arrays.equals(first.characters, second.characters)) {
                first.close();
                throw refused("passphrase must be the same both times", null);
            }
            return first;
        }
    }

    /// Reads what a parent process wrote to the open file descriptor, UTF-8, until its end; one line feed at the end
    /// does not count. Blocks until the writer closes.
    ///
    /// @throws RejectedException if the descriptor is not open or what it gives is not a passphrase
    public static Passphrase ofDescriptor(int descriptor) {
        if (descriptor < 0) {
            throw refused("passphrase file descriptor (%d) must not be negative".formatted(descriptor), null);
        }
        try (var in = Files.newInputStream(Path.of("/proc/self/fd", Integer.toString(descriptor)))) {
            return read(in);
        } catch (IOException closed) {
            throw refused("passphrase file descriptor (%d) cannot be read".formatted(descriptor), closed);
        }
    }

    /// Reads a credential that systemd gave to this service (`LoadCredential=` or `LoadCredentialEncrypted=`).
    ///
    /// @throws RejectedException if there is none of that name or it is not a passphrase
    public static Passphrase ofCredential(String name) {
        var directory = System.getenv(DIRECTORY);
        if (directory == null) {
            throw refused("passphrase credential cannot be read: this is not a systemd service with credentials", null);
        }
        return ofCredential(Path.of(directory), name);
    }

    static Passphrase ofCredential(Path directory, String name) {
        if (!CREDENTIAL.matcher(name).matches()) {
            throw refused("passphrase credential name must be letters, digits, dots, hyphens or underscores", null);
        }
        try (var in = Files.newInputStream(directory.resolve(name))) {
            return read(in);
        } catch (IOException absent) {
            throw refused("passphrase credential (%s) cannot be read".formatted(name), absent);
        }
    }

    /// Reads a passphrase that lies in clear on this machine: for a demo only. Whoever has the disk has the keys.
    ///
    /// @throws DeniedException if someone other than the owner may read or write the file
    /// @throws UnavailableException if it is absent or cannot be read
    public static Passphrase ofInsecureFile(Path file) {
        byte[] bytes = PrivateFile.read(file, MAX_BYTES, KeysError.PASSPHRASE_REFUSED, "passphrase");
        return decode(bytes, bytes.length);
    }

    /// A fresh random one of 256 bits, in base 64.
    public static Passphrase generate(SecureRandom random) {
        byte[] bytes = new byte[GENERATED_BYTES];
        random.nextBytes(bytes);
        byte[] text = Base64.getUrlEncoder().withoutPadding().encode(bytes);
        Arrays.fill(bytes, (byte) 0);
        return decode(text, text.length);
    }

    /// A copy of the characters. The caller overwrites it.
    public char[] reveal() {
        return characters.clone();
    }

    @Override
    public void close() {
        Arrays.fill(characters, '\0');
    }

    @Override
    public String toString() {
        return "[REDACTED]";
    }

    @SuppressWarnings("SystemConsoleNull") // JDK 25 answers null again where there is no terminal
    private static Console terminal() {
        var console = System.console();
        if (console == null || !console.isTerminal()) {
            throw refused("passphrase cannot be asked for: there is no terminal", null);
        }
        return console;
    }

    private static Passphrase typed(Console console, String prompt) {
        char[] line = console.readPassword("%s", prompt);
        return checked(line == null ? new char[0] : line);
    }

    private static Passphrase read(InputStream in) throws IOException {
        byte[] bytes = new byte[MAX_BYTES + 1];
        try {
            return decode(bytes, in.readNBytes(bytes, 0, bytes.length));
        } finally {
            Arrays.fill(bytes, (byte) 0);
        }
    }

    /// Clears `bytes`.
    private static Passphrase decode(byte[] bytes, int length) {
        int end = length > 0 && bytes[length - 1] == '\n' ? length - 1 : length;
        CharBuffer text = CharBuffer.allocate(0);
        try {
            text = StandardCharsets.UTF_8
                    .newDecoder()
                    .onMalformedInput(CodingErrorAction.REPORT)
                    .onUnmappableCharacter(CodingErrorAction.REPORT)
                    .decode(ByteBuffer.wrap(bytes, 0, end));
            return checked(Arrays.copyOf(text.array(), text.limit()));
        } catch (CharacterCodingException malformed) {
            throw refused("passphrase must be UTF-8", null);
        } finally {
            Arrays.fill(text.array(), '\0');
            Arrays.fill(bytes, (byte) 0);
        }
    }

    private static Passphrase checked(char[] characters) {
        if (characters.length == 0 || characters.length > MAX_LENGTH) {
            Arrays.fill(characters, '\0');
            throw refused("passphrase must have 1 to %d characters".formatted(MAX_LENGTH), null);
        }
        for (char character : characters) {
            if (Character.isISOControl(character)) {
                Arrays.fill(characters, '\0');
                throw refused("passphrase must be one line without control characters", null);
            }
        }
        return new Passphrase(characters);
    }

    private static RejectedException refused(String message, @Nullable Throwable cause) {
        return new RejectedException(KeysError.PASSPHRASE_REFUSED, message, cause);
    }
}
