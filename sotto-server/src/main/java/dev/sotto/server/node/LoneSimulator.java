package dev.sotto.server.node;

import dev.sotto.core.SensitiveText;
import dev.sotto.media.TlsIdentity;
import dev.sotto.simulator.ModelSimulator;
import dev.sotto.simulator.Pace;
import dev.sotto.simulator.Scene;
import dev.sotto.simulator.ServerIdentity;
import dev.sotto.simulator.SimulatorConfig;
import java.net.URI;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Clock;
import java.util.HexFormat;
import java.util.List;

/// A model simulator without a node: over TLS on loopback, with an authority and a token of its own.
/// Keeps nothing of what is sent to it. Thread-safe.
public final class LoneSimulator implements AutoCloseable {
    private static final int TOKEN_BYTES = 16;

    private final ModelSimulator simulator;

    private LoneSimulator(ModelSimulator simulator) {
        this.simulator = simulator;
    }

    /// Starts one.
    ///
    /// @param folder gets `ca.pem` and `token`
    /// @param pace how many times faster than it is heard the model speaks
    public static LoneSimulator start(Path folder, Path scene, double pace) {
        PrivateFiles.directory(folder);
        var random = new SecureRandom();
        String token = random(random);
        LocalAuthority authority = LocalAuthority.open(
                folder.resolve("authority.p12"), random(random).toCharArray(), "simulator", Clock.systemUTC(), random);
        TlsIdentity identity = authority.issue("Sotto model simulator", List.of("localhost", "127.0.0.1"));
        var config = SimulatorConfig.demo(SensitiveText.of(token), new ServerIdentity(identity.key(), identity.chain()))
                .withScenes(List.of(Scene.read(scene)))
                .withPace(new Pace(pace))
                .withMostRecordedBytes(0);
        PrivateFiles.write(folder.resolve("ca.pem"), Pem.of(List.of(authority.certificate())));
        PrivateFiles.write(folder.resolve("token"), token);
        return new LoneSimulator(ModelSimulator.start(config));
    }

    private static String random(SecureRandom random) {
        byte[] bytes = new byte[TOKEN_BYTES];
        random.nextBytes(bytes);
        return HexFormat.of().formatHex(bytes);
    }

    /// Where clients go, such as `https://127.0.0.1:4433/v1`.
    public URI base() {
        return simulator.baseUri();
    }

    @Override
    public void close() {
        simulator.close();
    }
}
