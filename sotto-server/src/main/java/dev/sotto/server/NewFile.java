package dev.sotto.server;

import dev.sotto.core.RejectedException;
import dev.sotto.server.node.ServerError;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;

/// Files for their owner only, that are there whole or not at all.
final class NewFile {
    private static final Set<StandardOpenOption> NEW = Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
    private static final FileAttribute<?> CLOSED =
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"));

    private NewFile() {}

    interface Content {
        void write(FileChannel to) throws IOException;
    }

    /// @throws RejectedException if the file exists
    static void write(Path file, Content content) throws IOException {
        boolean whole = false;
        try (FileChannel to = FileChannel.open(file, NEW, CLOSED)) {
            try {
                content.write(to);
                to.force(true);
                whole = true;
            } finally {
                if (!whole) {
                    Files.delete(file);
                }
            }
        } catch (FileAlreadyExistsException exists) {
            throw new RejectedException(
                    ServerError.FILE_UNUSABLE, "the file (%s) exists already".formatted(file), exists);
        }
    }
}
