package dev.sotto.media;

import dev.sotto.core.Meter;
import java.net.URI;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.LongSupplier;

/// What all chats of an edge share. Thread-safe.
final class ChatEdge {
    /// A WebSocket message of a visitor, in bytes: the longest text, escaped, and what is around it.
    static final int MAX_FRAME_BYTES = 16 * 1024;

    static final int MAX_MESSAGES_PER_SECOND = 3;

    private static final int HTTPS_PORT = 443;

    private final ChatDesk desk;
    private final Refusals refusals;
    private final LongSupplier nanos;
    private final Meter meter;
    private final ChatPages pages;
    private final String origin;
    private final AtomicInteger open = new AtomicInteger();

    ChatEdge(ChatDesk desk, URI publicUrl, Refusals refusals, LongSupplier nanos, Meter meter) {
        this.desk = desk;
        this.refusals = refusals;
        this.nanos = nanos;
        this.meter = meter;
        this.origin = origin(publicUrl);
        this.pages = new ChatPages(origin);
        meter.gauge(MediaMetrics.CHATS, open::get);
    }

    /// As a browser names it (RFC 6454 section 6.2).
    private static String origin(URI publicUrl) {
        boolean standard = publicUrl.getPort() < 0 || publicUrl.getPort() == HTTPS_PORT;
        return "https://" + publicUrl.getHost() + (standard ? "" : ":" + publicUrl.getPort());
    }

    /// Whether a request comes from our own page.
    boolean sameOrigin(String given) {
        return origin.equals(given);
    }

    ChatDesk desk() {
        return desk;
    }

    ChatPages pages() {
        return pages;
    }

    Refusals refusals() {
        return refusals;
    }

    LongSupplier nanos() {
        return nanos;
    }

    Meter meter() {
        return meter;
    }

    void opened() {
        open.incrementAndGet();
    }

    void closed() {
        open.decrementAndGet();
    }
}
