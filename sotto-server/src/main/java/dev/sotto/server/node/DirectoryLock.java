package dev.sotto.server.node;

import static java.nio.file.StandardOpenOption.CREATE;
import static java.nio.file.StandardOpenOption.WRITE;

import dev.sotto.core.ConflictException;
import dev.sotto.core.UnavailableException;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/// Keeps a data directory to one process. The system drops the lock with the process, however it ends.
final class DirectoryLock implements AutoCloseable {
    private final FileChannel channel;

    private DirectoryLock(FileChannel channel) {
        this.channel = channel;
    }

    /// @throws ConflictException if another process holds it
    static DirectoryLock acquire(Path file) {
        try {
            FileChannel channel = FileChannel.open(file, CREATE, WRITE);
            @Nullable FileLock lock;
            try {
                lock = channel.tryLock();
            } catch (OverlappingFileLockException _) {
                lock = null;
            }
            if (lock == null) {
                channel.close();
                throw new ConflictException(
                        ServerError.NODE_RUNNING,
                        "a node runs on this data directory\nhint: stop it first (ctrl-c, or SIGTERM)");
            }
            return new DirectoryLock(channel);
        } catch (IOException failure) {
            throw new UnavailableException(
                    ServerError.FILE_UNUSABLE, "the lock file (%s) cannot be used".formatted(file), failure);
        }
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }
}
