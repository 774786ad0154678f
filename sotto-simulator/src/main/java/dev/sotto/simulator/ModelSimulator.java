package dev.sotto.simulator;

import dev.sotto.core.RejectedException;
import dev.sotto.core.UnavailableException;
import io.netty.handler.codec.http.HttpDecoderConfig;
import io.netty.handler.codec.http.HttpObjectAggregator;
import io.netty.handler.codec.http.HttpServerCodec;
import java.net.URI;

/// A simulator of an OpenAI-compatible service that plays written scenes: chat completions, transcriptions, speech,
/// models
/// and the Realtime WebSocket. It listens on loopback only, speaks real HTTP and WebSocket with TLS if it is given an
/// identity, and says in every answer that it is scripted. Thread-safe.
///
/// Several calls at once keep their own place: a Realtime connection is a call; over HTTP the conversation in a chat
/// request says where it is, and transcriptions are told apart by the form field `user` or by an address of [#baseUri
/// (String)].
public final class ModelSimulator implements AutoCloseable {
    private static final int MOST_CONNECTIONS = 2_000;
    private static final int MAX_LINE_BYTES = 8 * 1024;
    private static final int MAX_HEADER_BYTES = 32 * 1024;
    private static final int FORM_OVERHEAD_BYTES = 64 * 1024;

    private final SimulatorConfig config;
    private final Studio studio;
    private final Listener listener;

    private ModelSimulator(SimulatorConfig config) {
        this.config = config;
        this.studio = new Studio(config);
        var tls = Listener.tls(config.identity());
        listener = new Listener("model", config.port(), MOST_CONNECTIONS, (channel, connection) -> {
            if (tls != null) {
                channel.pipeline().addLast(tls.newHandler(channel.alloc()));
            }
            channel.pipeline()
                    .addLast(new Recorder(studio.received(), connection, Received.Form.HTTP))
                    .addLast(new HttpServerCodec(new HttpDecoderConfig()
                            .setMaxInitialLineLength(MAX_LINE_BYTES)
                            .setMaxHeaderSize(MAX_HEADER_BYTES)))
                    .addLast(new HttpObjectAggregator(AudioEndpoint.MOST_UPLOAD_BYTES + FORM_OVERHEAD_BYTES))
                    .addLast(new ModelDoor(studio, connection));
        });
    }

    /// Starts to listen; when this returns it is served.
    ///
    /// @throws UnavailableException if the port cannot be bound
    /// @throws RejectedException if key and certificate cannot be used
    public static ModelSimulator start(SimulatorConfig config) {
        return new ModelSimulator(config);
    }

    public int port() {
        return listener.port();
    }

    /// The base URL for clients, such as `https://127.0.0.1:4433/v1`.
    public URI baseUri() {
        return URI.create("%s://%s:%d/v1".formatted(scheme("http"), Listener.HOST, port()));
    }

    /// A base URL of its own for one call, so that its transcriptions are told apart from those of other calls.
    ///
    /// @param call 1 to 128 letters, digits, dots, underscores, colons or dashes
    public URI baseUri(String call) {
        if (ChatRequest.key(call).isEmpty()) {
            throw new IllegalArgumentException("call (%s) is not a name".formatted(call));
        }
        return URI.create("%s://%s:%d/calls/%s/v1".formatted(scheme("http"), Listener.HOST, port(), call));
    }

    /// The address of the Realtime WebSocket, without a model.
    public URI realtimeUri() {
        return URI.create("%s://%s:%d/v1/realtime".formatted(scheme("ws"), Listener.HOST, port()));
    }

    private String scheme(String plain) {
        return config.identity() == null ? plain : plain + "s";
    }

    /// The model that plays `scene`.
    public String model(Scene scene) {
        return Studio.modelOf(scene.name());
    }

    /// What an operator reads at the start.
    public String banner() {
        return "SIMULATOR: every transcript and answer of %s is scripted; no model is connected".formatted(baseUri());
    }

    /// Everything that was sent here.
    public Received received() {
        return studio.received();
    }

    /// Makes the next `times` answers of `service` go wrong. Faults wait in order, at most 10,000 a service.
    public void inject(Service service, Fault fault, int times) {
        studio.faults().inject(service, fault, times);
    }

    /// Forgets the faults that wait.
    public void clearFaults() {
        studio.faults().clear();
    }

    /// Cuts every open connection, as when a network fails; new ones are taken.
    public void cutConnections() {
        listener.cutAll();
    }

    /// How many connections are open now.
    public int openConnections() {
        return listener.openNow();
    }

    /// Cuts every connection and stops listening. Closing again does nothing.
    @Override
    public void close() {
        listener.close();
    }
}
