package dev.sotto.server.bench;

import dev.sotto.core.SensitiveText;
import dev.sotto.server.call.CallTarget;
import dev.sotto.server.call.CarrierAccount;
import dev.sotto.server.call.PeerTrust;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.file.Path;
import java.util.Optional;

/// Twilio's public sample of a bridge to OpenAI's Realtime API, as its users run it, with its connections led to the
/// simulator. Its files are not changed, and none of them is part of Sotto.
final class SampleProcess implements AutoCloseable {
    /// What the figures call it.
    static final String NAME = "twilio-samples/speech-assistant-openai-realtime-api-node";

    private static final String READY = "Server is listening on port";

    private final Spawned process;
    private final int port;

    private SampleProcess(Spawned process, int port) {
        this.process = process;
        this.port = port;
    }

    /// Starts it.
    ///
    /// @param sample where it was cloned and `npm install` was run
    /// @param scratch for our own file
    static SampleProcess start(Path sample, SimulatorProcess simulator, Path scratch)
            throws IOException, InterruptedException {
        int port = freePort();
        Path preload = SimulatorProcess.unpacked("preload.mjs", scratch);
        var builder = new ProcessBuilder("node", "--import", preload.toUri().toString(), "index.js")
                .directory(sample.toFile());
        URI base = simulator.base();
        var environment = builder.environment();
        environment.put("PORT", String.valueOf(port));
        environment.put("OPENAI_API_KEY", simulator.token());
        environment.put("NODE_EXTRA_CA_CERTS", simulator.authority().toString());
        environment.put("NODE_ENV", "production");
        environment.put("SOTTO_BENCH_REALTIME", base.getHost() + ":" + base.getPort());
        return new SampleProcess(Spawned.start(builder, READY, "sample"), port);
    }

    private static int freePort() throws IOException {
        try (var socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }

    long pid() {
        return process.pid();
    }

    /// Who is called there. It looks at no signature and no token.
    CallTarget target() {
        return new CallTarget(
                URI.create("http://127.0.0.1:%d/incoming-call".formatted(port)),
                new CarrierAccount("AC" + "0".repeat(32), SensitiveText.of("unused")),
                "+15550100100",
                NAME,
                PeerTrust.system(),
                Optional.empty());
    }

    @Override
    public void close() {
        process.close();
    }
}
