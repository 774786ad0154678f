package dev.sotto.media;

import dev.sotto.core.Meter;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.LongSupplier;

/// What all connections of an edge share. Thread-safe.
final class EdgeContext {
    private final TwilioEdgeConfig config;
    private final CallDesk callDesk;
    private final LongSupplier nanos;
    private final Meter meter;
    private final Refusals refusals;
    private final DeskCalls desk;
    private final VoiceRoutes routes;
    private final Admission admission;
    private final TwilioLeg.Shared legs;
    private final Optional<ChatEdge> chat;
    private final AtomicInteger openLegs = new AtomicInteger();

    EdgeContext(TwilioEdgeConfig config, CallDesk callDesk, Optional<ChatDesk> chats, Meter meter, LongSupplier nanos) {
        this.config = config;
        this.callDesk = callDesk;
        this.nanos = nanos;
        this.meter = meter;
        var url = config.publicUrl();
        var lateness = new LatenessRecorder();
        refusals = new Refusals(callDesk, meter);
        desk = new DeskCalls(config.limits(), meter);
        routes = new VoiceRoutes(callDesk, new RequestSignature(url), new Twiml(url), refusals);
        admission = new Admission(config.limits());
        chat = chats.map(any -> new ChatEdge(any, url, refusals, nanos, meter));
        legs = new TwilioLeg.Shared(config, new MediaClock(nanos), lateness, nanos, meter);
        meter.gauge(MediaMetrics.CONNECTIONS, admission::connections);
        meter.gauge(MediaMetrics.UNAUTHENTICATED, admission::unauthenticatedConnections);
        meter.gauge(MediaMetrics.LEGS, openLegs::get);
        meter.gauge(MediaMetrics.DESK_CALLS, desk::waiting);
        meter.gauge(
                MediaMetrics.OUTBOUND_LATENESS_P99,
                () -> lateness.snapshot().p99().toNanos() / 1_000);
    }

    TwilioEdgeConfig config() {
        return config;
    }

    CallDesk callDesk() {
        return callDesk;
    }

    Meter meter() {
        return meter;
    }

    LongSupplier nanos() {
        return nanos;
    }

    Refusals refusals() {
        return refusals;
    }

    DeskCalls desk() {
        return desk;
    }

    VoiceRoutes routes() {
        return routes;
    }

    Admission admission() {
        return admission;
    }

    /// Empty if there are no chats here.
    Optional<ChatEdge> chat() {
        return chat;
    }

    TwilioLeg.Shared legs() {
        return legs;
    }

    void legOpened() {
        openLegs.incrementAndGet();
    }

    void legClosed() {
        openLegs.decrementAndGet();
    }
}
