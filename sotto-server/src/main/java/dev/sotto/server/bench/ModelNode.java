package dev.sotto.server.bench;

import dev.sotto.guard.GuardRules;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Optional;

/// Starts nodes whose models are a simulator in another process: over TLS, under the shipped policy, with a key.
final class ModelNode {
    private static final String SECRET = "bench-simulator";

    private ModelNode() {}

    /// Starts one.
    ///
    /// @param mode such as `strict`
    /// @param folder where the node keeps all it has
    static NodeProcess start(String mode, SimulatorProcess simulator, Path folder)
            throws IOException, InterruptedException {
        Files.createDirectories(folder);
        Path secrets = NodeProcess.places(folder).state().root().resolve("secrets");
        Files.createDirectories(
                secrets, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
        Path secret = Files.createFile(
                secrets.resolve(SECRET),
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        Files.writeString(secret, simulator.token());
        Path config = folder.resolve("sotto.conf");
        Files.writeString(config, """
                server.log-level = warn
                model.mode = %s
                model.base-url = %s
                model.destination = simulator
                model.key = secret://%s
                model.trust-anchors = %s
                model.chat = simulator/bench
                model.realtime = simulator/bench
                model.transcription = simulator/bench
                model.speech = simulator/bench
                model.voice = simulator
                guard.policy = %s
                guard.register = %s
                """.formatted(
                        mode,
                        simulator.base(),
                        SECRET,
                        simulator.authority(),
                        shipped("healthcare-policy.yaml", folder),
                        shipped("demo-register.yaml", folder)));
        return NodeProcess.start(folder, Optional.of(config));
    }

    private static Path shipped(String name, Path folder) throws IOException {
        Path file = folder.resolve(name);
        try (InputStream in = GuardRules.class.getResourceAsStream(name)) {
            if (in == null) {
                throw new IllegalStateException("%s is not in the jar".formatted(name));
            }
            Files.write(file, in.readAllBytes());
        }
        return file;
    }
}
