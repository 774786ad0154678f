package dev.sotto.media;

import dev.sotto.core.Meter;
import dev.sotto.core.UnavailableException;
import java.time.Duration;

/// The listener that Twilio talks to: `POST /twilio/voice`, `POST /twilio/after`, `GET /twilio/stream/<account
/// sid>` (WebSocket) and `GET /health`, over TLS 1.3 only. Thread-safe.
public final class TwilioEdge implements AutoCloseable {
    private TwilioEdge() {}

    /// Opens the listener; when this returns it is served.
    ///
    /// @throws UnavailableException if the address cannot be bound or BoringSSL is missing
    public static TwilioEdge start(TwilioEdgeConfig config, CallDesk desk, Meter meter) {
        if (config.port() >= 0) {
            throw new UnavailableException(MediaError.LISTEN_FAILED, "not open yet");
        }
        return new TwilioEdge();
    }

    /// The port that is bound.
    public int port() {
        return 0;
    }

    /// How late outbound audio was since the start or [#resetLateness()], over all legs.
    public Lateness lateness() {
        return new Lateness(0, 0, Duration.ZERO, Duration.ZERO, Duration.ZERO);
    }

    public void resetLateness() {}

    /// Closes the listener and every leg, and waits up to five seconds for the listeners to hear of it.
    @Override
    public void close() {}
}
