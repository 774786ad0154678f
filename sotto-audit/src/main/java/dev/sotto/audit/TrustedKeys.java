package dev.sotto.audit;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.sotto.core.RejectedException;
import dev.sotto.core.UnavailableException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/// The public keys whose signatures a verifier believes, as C2SP verifier keys (`name+id+base64`). Immutable.
///
/// As text: one key a line; empty lines and lines that start with `#` are skipped.
public record TrustedKeys(List<String> vkeys) {
    private static final int MOST_KEYS = 64;
    private static final long LARGEST_FILE_BYTES = 1 << 20;

    /// Checks each key.
    ///
    /// @throws RejectedException if there is none, or one is malformed
    public TrustedKeys {
        vkeys = List.copyOf(new LinkedHashSet<>(vkeys));
        if (vkeys.isEmpty() || vkeys.size() > MOST_KEYS) {
            throw new RejectedException(AuditError.AUDIT_KEY, "trusted keys must be 1 to %d".formatted(MOST_KEYS));
        }
        vkeys.forEach(VerifierKey::parse);
    }

    /// Reads the text form.
    ///
    /// @throws RejectedException if a line is not a key
    public static TrustedKeys parse(String text) {
        return new TrustedKeys(text.lines()
                .map(String::strip)
                .filter(line -> !line.isEmpty() && !line.startsWith("#"))
                .toList());
    }

    /// Reads a file in the text form.
    ///
    /// @throws RejectedException if there is no such file, or it holds no keys
    public static TrustedKeys read(Path file) {
        try {
            if (Files.size(file) > LARGEST_FILE_BYTES) {
                throw new RejectedException(
                        AuditError.AUDIT_KEY, "trusted keys file (%s) is too large".formatted(file));
            }
            return parse(Files.readString(file, UTF_8));
        } catch (NoSuchFileException | java.nio.charset.CharacterCodingException missing) {
            throw new RejectedException(
                    AuditError.AUDIT_KEY, "trusted keys file (%s) is missing or not text".formatted(file), missing);
        } catch (IOException failure) {
            throw new UnavailableException(
                    AuditError.AUDIT_KEY, "trusted keys file (%s) cannot be read".formatted(file), failure);
        }
    }

    /// Replaces `file` atomically.
    public void write(Path file) {
        DurableFiles.replace(file, format().getBytes(UTF_8));
    }

    /// What [#parse(String)] reads.
    public String format() {
        return vkeys.stream().collect(Collectors.joining("\n", "", "\n"));
    }

    /// These and those of `other`, for logs whose keys were changed.
    public TrustedKeys and(TrustedKeys other) {
        var all = new LinkedHashSet<>(vkeys);
        all.addAll(other.vkeys);
        return new TrustedKeys(List.copyOf(all));
    }

    List<VerifierKey> named(String name) {
        return keys().stream().filter(key -> key.name().equals(name)).toList();
    }

    Optional<VerifierKey> find(String name, int id) {
        return keys().stream()
                .filter(key -> key.id() == id && key.name().equals(name))
                .findFirst();
    }

    private List<VerifierKey> keys() {
        return vkeys.stream().map(VerifierKey::parse).toList();
    }
}
