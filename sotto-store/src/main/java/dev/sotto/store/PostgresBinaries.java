package dev.sotto.store;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.sotto.core.UnavailableException;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.JarURLConnection;
import java.net.URL;
import java.nio.channels.FileChannel;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Locale;
import java.util.Map;
import java.util.UUID;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.tukaani.xz.XZInputStream;

/// The PostgreSQL programs of this machine's kind, unpacked from the class path once a version.
final class PostgresBinaries {
    private static final Map<String, String> ARCHITECTURES = Map.of("amd64", "x86_64", "aarch64", "arm_64");
    private static final int MAX_FILE_BYTES = 256 << 20;

    private final Path folder;

    private PostgresBinaries(Path folder) {
        this.folder = folder;
    }

    Path program(String name) {
        return folder.resolve("bin").resolve(name);
    }

    /// Finds or makes the unpacked folder below `cache`. Several processes may do so at once.
    static PostgresBinaries unpack(Path cache) {
        URL archive = archive();
        try {
            Path folder = cache.resolve(key(archive));
            if (!Files.isDirectory(folder)) {
                Directories.createPrivate(cache);
                Path partial = cache.resolve("unpacking-" + UUID.randomUUID());
                try {
                    extract(archive, partial);
                    publish(partial, folder);
                } finally {
                    Directories.delete(partial);
                }
            }
            return new PostgresBinaries(folder);
        } catch (IOException e) {
            throw new UnavailableException(
                    StoreError.DATABASE_START, "the database programs cannot be unpacked to %s".formatted(cache), e);
        }
    }

    private static void publish(Path partial, Path folder) throws IOException {
        try {
            Files.move(partial, folder, StandardCopyOption.ATOMIC_MOVE);
        } catch (FileAlreadyExistsException | java.nio.file.DirectoryNotEmptyException lost) {
            // another process was first, and what it unpacked is the same
            return;
        }
        Directories.force(folder.getParent());
    }

    private static URL archive() {
        String architecture = System.getProperty("os.arch").toLowerCase(Locale.ROOT);
        String name = ARCHITECTURES.get(architecture);
        URL url = name == null ? null : PostgresBinaries.class.getResource("/postgres-linux-" + name + ".txz");
        if (url == null) {
            throw new UnavailableException(
                    StoreError.DATABASE_START,
                    "there are no database programs for this machine (%s)".formatted(architecture));
        }
        return url;
    }

    /// Another build of the archive has another key, by its size and check sum in the jar.
    private static String key(URL archive) throws IOException {
        if (archive.openConnection() instanceof JarURLConnection jar) {
            var entry = jar.getJarEntry();
            return "postgres-%08x-%d".formatted(entry.getCrc(), entry.getSize());
        }
        var connection = archive.openConnection();
        return "postgres-%d-%d".formatted(connection.getLastModified(), connection.getContentLengthLong());
    }

    private static void extract(URL archive, Path target) throws IOException {
        Directories.createPrivate(target);
        try (InputStream packed = new BufferedInputStream(archive.openStream(), 1 << 16);
                var tar = new TarArchiveInputStream(new XZInputStream(packed), UTF_8.name())) {
            TarArchiveEntry entry = tar.getNextEntry();
            while (entry != null) {
                if (needed(entry.getName())) {
                    write(tar, entry, inside(target, target.resolve(entry.getName())), target);
                }
                entry = tar.getNextEntry();
            }
        }
    }

    private static boolean needed(String name) {
        return !name.endsWith(".a") && !name.contains("libecpg") && !name.contains("/pkgconfig");
    }

    private static void write(TarArchiveInputStream tar, TarArchiveEntry entry, Path file, Path target)
            throws IOException {
        if (entry.isDirectory()) {
            Files.createDirectories(file);
            return;
        }
        Files.createDirectories(file.getParent());
        if (entry.isSymbolicLink()) {
            inside(target, file.resolveSibling(entry.getLinkName()));
            Files.createSymbolicLink(file, Path.of(entry.getLinkName()));
            return;
        }
        if (!entry.isFile() || entry.getSize() > MAX_FILE_BYTES) {
            throw new IOException("unexpected entry in the archive of database programs");
        }
        Files.copy(tar, file);
        boolean program = (entry.getMode() & 0100) != 0;
        Files.setPosixFilePermissions(file, program ? Directories.PROGRAM : Directories.FILE);
        if (program) {
            try (var channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
                channel.force(true);
            }
        }
    }

    private static Path inside(Path target, Path path) throws IOException {
        Path normal = path.normalize();
        if (!normal.startsWith(target)) {
            throw new IOException("an entry in the archive of database programs points outside it");
        }
        return normal;
    }
}
