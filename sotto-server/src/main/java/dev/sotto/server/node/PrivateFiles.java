package dev.sotto.server.node;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.nio.file.StandardCopyOption.ATOMIC_MOVE;
import static java.nio.file.StandardCopyOption.REPLACE_EXISTING;
import static java.nio.file.StandardOpenOption.CREATE_NEW;
import static java.nio.file.StandardOpenOption.WRITE;

import dev.sotto.core.RejectedException;
import dev.sotto.core.UnavailableException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;

/// Files and folders that only the account of the node may read: 0600 and 0700 from their first moment.
final class PrivateFiles {
    private static final FileAttribute<Set<PosixFilePermission>> FILE =
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"));
    private static final FileAttribute<Set<PosixFilePermission>> DIRECTORY =
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------"));
    private static final Set<PosixFilePermission> OTHERS = PosixFilePermissions.fromString("---rwxrwx");
    private static final int MAX_BYTES = 1024 * 1024;

    private PrivateFiles() {}

    /// Makes the folder if it is not there. One that is there keeps what it holds but is closed to others.
    static Path directory(Path directory) {
        try {
            Files.createDirectories(directory, DIRECTORY);
            if (isExposed(directory)) {
                Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwx------"));
            }
            return directory;
        } catch (IOException failure) {
            throw unusable(directory, failure);
        }
    }

    /// Writes the file whole or not at all, durably.
    static void write(Path file, byte[] content) {
        Path temporary = file.resolveSibling("." + file.getFileName() + ".new");
        try {
            Files.deleteIfExists(temporary);
            try (var channel = FileChannel.open(temporary, Set.of(CREATE_NEW, WRITE), FILE)) {
                var buffer = ByteBuffer.wrap(content);
                while (buffer.hasRemaining()) {
                    channel.write(buffer);
                }
                channel.force(true);
            }
            Files.move(temporary, file, ATOMIC_MOVE, REPLACE_EXISTING);
        } catch (IOException failure) {
            throw unusable(file, failure);
        }
    }

    static void delete(Path file) {
        try {
            Files.deleteIfExists(file);
        } catch (IOException failure) {
            throw unusable(file, failure);
        }
    }

    static void write(Path file, String content) {
        write(file, content.getBytes(UTF_8));
    }

    /// Reads a small file, which must be closed to others.
    static byte[] read(Path file) {
        try {
            if (isExposed(file)) {
                throw new RejectedException(
                        ServerError.FILE_EXPOSED,
                        "%s can be read or written by others\nhint: chmod 600 %s".formatted(file, file));
            }
            if (Files.size(file) > MAX_BYTES) {
                throw new RejectedException(
                        ServerError.FILE_UNUSABLE, "%s is larger than %d bytes".formatted(file, MAX_BYTES));
            }
            return Files.readAllBytes(file);
        } catch (IOException failure) {
            throw unusable(file, failure);
        }
    }

    static String readText(Path file) {
        return new String(read(file), UTF_8).strip();
    }

    private static boolean isExposed(Path path) throws IOException {
        return Files.getPosixFilePermissions(path).stream().anyMatch(OTHERS::contains);
    }

    private static UnavailableException unusable(Path path, IOException failure) {
        return new UnavailableException(
                ServerError.FILE_UNUSABLE,
                "%s cannot be used (%s)".formatted(path, failure.getClass().getSimpleName()),
                failure);
    }
}
