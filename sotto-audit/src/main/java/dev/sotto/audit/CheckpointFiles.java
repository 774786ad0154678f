package dev.sotto.audit;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.sotto.core.RejectedException;
import dev.sotto.core.UnavailableException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/// The checkpoints of one log kept outside its database: `latest.checkpoint` and a bounded history, named by
/// size. One writer; readers see whole files only.
final class CheckpointFiles {
    private static final String SUFFIX = ".checkpoint";
    private static final String LATEST = "latest" + SUFFIX;
    private static final int MOST_READ = 200_000;

    private final Path directory;
    private final int history;

    CheckpointFiles(Path directory, int history) {
        this.directory = directory;
        this.history = history;
    }

    /// The exact bytes of one file.
    record Saved(String name, Bytes note) {
        boolean isLatest() {
            return name.equals(LATEST);
        }
    }

    /// All files there are, in the order of their names; none if there is no such directory.
    List<Saved> read() {
        try {
            List<Saved> saved = new ArrayList<>();
            for (Path file : list()) {
                // Absent if the node that is writing meanwhile has pruned it: newer ones are there.
                if (Files.exists(file)) {
                    boolean tooLarge = Files.size(file) > SignedNote.LARGEST_BYTES;
                    saved.add(new Saved(nameOf(file), Bytes.owning(tooLarge ? new byte[0] : Files.readAllBytes(file))));
                }
            }
            return saved;
        } catch (NoSuchFileException pruned) {
            return read();
        } catch (IOException failure) {
            throw failed("read", failure);
        }
    }

    void save(SignedCheckpoint checkpoint) {
        try {
            Files.createDirectories(directory);
            byte[] note = checkpoint.note().getBytes(UTF_8);
            DurableFiles.replace(
                    directory.resolve(historyName(checkpoint.checkpoint().size())), note);
            if (latestSize() <= checkpoint.checkpoint().size()) {
                DurableFiles.replace(directory.resolve(LATEST), note);
            }
            prune();
        } catch (IOException failure) {
            throw failed("written", failure);
        }
    }

    /// So that a node that was fenced out, and does not know it yet, cannot put an older one in its place.
    private long latestSize() throws IOException {
        Path latest = directory.resolve(LATEST);
        try {
            return Files.exists(latest)
                    ? SignedCheckpoint.parse(Files.readAllBytes(latest))
                            .checkpoint()
                            .size()
                    : 0;
        } catch (RejectedException malformed) {
            return 0;
        }
    }

    private void prune() throws IOException {
        List<Path> old =
                list().stream().filter(file -> !nameOf(file).equals(LATEST)).toList();
        for (Path file : old.subList(0, Math.max(0, old.size() - history))) {
            Files.deleteIfExists(file);
        }
    }

    private List<Path> list() throws IOException {
        if (!Files.isDirectory(directory)) {
            return List.of();
        }
        try (Stream<Path> files = Files.list(directory)) {
            return files.filter(file -> nameOf(file).endsWith(SUFFIX))
                    .limit(MOST_READ)
                    .sorted()
                    .toList();
        }
    }

    /// Twenty digits, so that names sort by size.
    private static String historyName(long size) {
        return "%020d%s".formatted(size, SUFFIX);
    }

    private static String nameOf(Path file) {
        return String.valueOf(file.getFileName());
    }

    private UnavailableException failed(String what, IOException failure) {
        return new UnavailableException(
                AuditError.AUDIT_CHECKPOINT_FILES,
                "checkpoint directory (%s) cannot be %s".formatted(directory, what),
                failure);
    }
}
