package dev.sotto.store;

import dev.sotto.core.ArtifactId;
import dev.sotto.core.TenantId;
import dev.sotto.core.UnavailableException;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Set;

/// Sealed objects as files: `<tenant>/<yyyy-mm>/<artifact>.sealed`, readable by their owner only. A path is made from
/// ids and a time, never from a stored text. Thread-safe.
final class ObjectFiles {
    private static final DateTimeFormatter MONTH =
            DateTimeFormatter.ofPattern("uuuu-MM").withZone(ZoneOffset.UTC);

    private final Path root;

    ObjectFiles(Path root) {
        this.root = root;
    }

    /// Where an object lies.
    record Location(TenantId tenant, ArtifactId artifact, Instant startedAt) {}

    Path path(Location location) {
        return root.resolve(location.tenant().toString())
                .resolve(MONTH.format(location.startedAt()))
                .resolve(location.artifact() + ".sealed");
    }

    boolean exists(Location location) {
        return Files.isRegularFile(path(location), LinkOption.NOFOLLOW_LINKS);
    }

    /// Makes an object that was not there. The file itself is durable; its content is the caller's to force.
    FileChannel create(Location location) {
        Path file = path(location);
        try {
            Path month = file.resolveSibling("");
            boolean fresh = Files.notExists(month);
            Directories.createPrivate(month);
            var channel = open(file, Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE));
            Directories.force(month);
            if (fresh) {
                Directories.force(month.getParent());
                Directories.force(root);
            }
            return channel;
        } catch (IOException e) {
            throw unavailable("a sealed object cannot be made", e);
        }
    }

    FileChannel read(Location location) {
        try {
            return FileChannel.open(path(location), StandardOpenOption.READ, LinkOption.NOFOLLOW_LINKS);
        } catch (IOException e) {
            throw unavailable("a sealed object cannot be read", e);
        }
    }

    /// Makes the file that is to replace an object; one that an earlier attempt left is overwritten.
    FileChannel createReplacement(Location location) {
        Path file = replacement(location);
        try {
            Directories.createPrivate(file.resolveSibling(""));
            Files.deleteIfExists(file);
            return open(file, Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE));
        } catch (IOException e) {
            throw unavailable("the replacement of a sealed object cannot be made", e);
        }
    }

    /// Puts the forced replacement in the object's place, whole or not at all.
    void replace(Location location) {
        Path file = path(location);
        try {
            Files.move(replacement(location), file, StandardCopyOption.ATOMIC_MOVE);
            Directories.force(file.getParent());
        } catch (IOException e) {
            throw unavailable("a sealed object cannot be replaced", e);
        }
    }

    private Path replacement(Location location) {
        return path(location).resolveSibling(location.artifact() + ".replacement");
    }

    private static FileChannel open(Path file, Set<StandardOpenOption> options) throws IOException {
        return FileChannel.open(file, options, PosixFilePermissions.asFileAttribute(Directories.FILE));
    }

    static UnavailableException unavailable(String message, IOException cause) {
        return new UnavailableException(StoreError.OBJECTS_UNAVAILABLE, message, cause);
    }
}
