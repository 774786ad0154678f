package dev.sotto.server;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.sotto.core.RejectedException;
import dev.sotto.keys.Recipient;
import dev.sotto.server.node.ServerError;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/// Files with a recipient's public key: one line.
final class RecipientFiles {
    private static final long MAX_BYTES = 4096;

    private RecipientFiles() {}

    /// @throws RejectedException if there is no such file, or something else is in it
    static Recipient read(Path file) {
        try {
            if (Files.size(file) > MAX_BYTES) {
                throw unusable(file);
            }
            return Recipient.parse(Files.readString(file, UTF_8));
        } catch (IOException unreadable) {
            throw unusable(file);
        }
    }

    static void write(Path file, Recipient recipient) throws IOException {
        Files.writeString(file, recipient.text() + "\n", UTF_8, StandardOpenOption.CREATE_NEW);
    }

    private static RejectedException unusable(Path file) {
        return new RejectedException(
                ServerError.FILE_UNUSABLE, "the file (%s) holds no recipient's public key".formatted(file));
    }
}
