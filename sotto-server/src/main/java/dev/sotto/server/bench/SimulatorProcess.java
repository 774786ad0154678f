package dev.sotto.server.bench;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/// The model simulator in a process of its own, so that what it takes is not counted as the node's.
final class SimulatorProcess implements AutoCloseable {
    private static final String READY = "simulator ready at ";

    private final Spawned process;
    private final Path folder;
    private final URI base;

    private SimulatorProcess(Spawned process, Path folder) {
        this.process = process;
        this.folder = folder;
        String line = process.readyLine();
        this.base =
                URI.create(line.substring(line.indexOf(READY) + READY.length()).strip());
    }

    /// Starts one that plays the scene of the benchmark.
    ///
    /// @param folder for its certificate and its token
    static SimulatorProcess start(Path folder) throws IOException, InterruptedException {
        Files.createDirectories(folder);
        Path scene = unpacked("scene.json", folder);
        var builder = new ProcessBuilder(
                Spawned.sotto(List.of("simulate", "--folder", folder.toString(), "--scene", scene.toString())));
        return new SimulatorProcess(Spawned.start(builder, READY, "simulator"), folder);
    }

    /// Copies a file of this package into `folder`.
    static Path unpacked(String name, Path folder) throws IOException {
        Path file = folder.resolve(name);
        try (InputStream in = SimulatorProcess.class.getResourceAsStream(name)) {
            if (in == null) {
                throw new IllegalStateException("%s is not in the jar".formatted(name));
            }
            Files.write(file, in.readAllBytes());
        }
        return file;
    }

    /// Such as `https://127.0.0.1:4433/v1`.
    URI base() {
        return base;
    }

    /// What it shows is signed by this.
    Path authority() {
        return folder.resolve("ca.pem");
    }

    /// What clients show; scripted like all of it.
    String token() throws IOException {
        return Files.readString(folder.resolve("token"), UTF_8).strip();
    }

    @Override
    public void close() {
        process.close();
    }
}
