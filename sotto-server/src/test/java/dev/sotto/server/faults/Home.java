package dev.sotto.server.faults;

import dev.sotto.keys.LocalKms;
import dev.sotto.server.node.DataDirectory;
import dev.sotto.server.node.NodePlaces;
import dev.sotto.server.node.StateDirectory;
import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.NoSuchElementException;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/// The folder of one node of a test: its data, its state, and what its process takes for temporary files. Gone when
/// closed.
record Home(Path folder) implements AutoCloseable {
    static Home make(String name) throws IOException {
        Path folder = Files.createTempDirectory("sotto-faults-" + name + "-");
        Files.createDirectory(folder.resolve("tmp"));
        return new Home(folder);
    }

    Path data() {
        return folder.resolve("data");
    }

    /// What `SOTTO_STATE` says.
    Path stateBase() {
        return folder.resolve("state");
    }

    Path temporary() {
        return folder.resolve("tmp");
    }

    NodePlaces places() {
        var data = new DataDirectory(data());
        return new NodePlaces(data, StateDirectory.below(stateBase(), data));
    }

    /// A file of the state directory.
    Path state(String name) {
        return places().state().root().resolve(name);
    }

    /// What a demo node keeps its root keys under.
    String passphrase() throws IOException {
        return Files.readString(state("insecure-demo-passphrase")).strip();
    }

    /// The node's root keys, as whoever knows the passphrase has them.
    LocalKms kms() throws IOException {
        return LocalKms.open(data().resolve("kms.p12"), passphrase().toCharArray());
    }

    /// The process id of the database server, if one runs here.
    Optional<Long> server() throws IOException {
        Path file = data().resolve("postgres").resolve("data").resolve("postmaster.pid");
        try {
            return Optional.of(
                            Long.parseLong(Files.readAllLines(file).getFirst().strip()))
                    .filter(pid -> ProcessHandle.of(pid).isPresent());
        } catch (NoSuchFileException | NoSuchElementException | NumberFormatException _) {
            return Optional.empty(); // stopped, or being started
        }
    }

    /// Also ends a database server that a killed node left.
    @Override
    public void close() throws IOException {
        Optional<ProcessHandle> orphan = server().flatMap(ProcessHandle::of)
                .filter(process -> process.info().command().orElse("").endsWith("postgres"));
        orphan.ifPresent(process -> {
            process.destroyForcibly();
            process.onExit().orTimeout(10, TimeUnit.SECONDS).join();
        });
        Files.walkFileTree(folder, new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
                Files.deleteIfExists(file);
                return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult visitFileFailed(Path file, IOException failure) throws IOException {
                if (failure instanceof NoSuchFileException) {
                    return FileVisitResult.CONTINUE;
                }
                throw failure;
            }

            @Override
            public FileVisitResult postVisitDirectory(Path directory, IOException failure) throws IOException {
                Files.deleteIfExists(directory);
                return FileVisitResult.CONTINUE;
            }
        });
    }
}
