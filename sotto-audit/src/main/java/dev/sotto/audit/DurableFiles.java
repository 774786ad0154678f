package dev.sotto.audit;

import static java.util.Objects.requireNonNull;

import dev.sotto.core.UnavailableException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;

/// Files that are there whole or not at all, also after a power cut.
final class DurableFiles {
    static final String TEMPORARY = ".tmp";

    private DurableFiles() {}

    /// Writes beside `file`, forces to disk, renames over it and forces the directory.
    static void replace(Path file, byte[] content) {
        Path target = file.toAbsolutePath();
        Path temporary = target.resolveSibling(target.getFileName() + TEMPORARY);
        try {
            write(temporary, content);
            Files.move(temporary, target, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
            forceDirectory(requireNonNull(target.getParent(), "directory"));
        } catch (IOException failure) {
            throw new UnavailableException(
                    AuditError.AUDIT_CHECKPOINT_FILES, "file (%s) cannot be written".formatted(file), failure);
        }
    }

    private static void write(Path file, byte[] content) throws IOException {
        try (FileChannel out = FileChannel.open(
                file, StandardOpenOption.CREATE, StandardOpenOption.TRUNCATE_EXISTING, StandardOpenOption.WRITE)) {
            ByteBuffer rest = ByteBuffer.wrap(content);
            while (rest.hasRemaining()) {
                out.write(rest);
            }
            out.force(true);
        }
    }

    private static void forceDirectory(Path directory) throws IOException {
        try (FileChannel handle = FileChannel.open(directory, StandardOpenOption.READ)) {
            handle.force(true);
        }
    }
}
