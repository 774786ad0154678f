package dev.sotto.media;

import static java.util.Objects.requireNonNull;

import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;

/// The names under which this module counts.
final class MediaMetrics {
    /// Gauge: sockets open.
    static final String CONNECTIONS = "media.connections";
    /// Gauge: those that are not (yet) an accepted stream.
    static final String UNAUTHENTICATED = "media.connections.unauthenticated";
    /// Gauge: streams accepted by the desk.
    static final String LEGS = "media.legs";
    /// Gauge: answers of the desk that are awaited.
    static final String DESK_CALLS = "media.desk.calls";
    /// Time the desk took for a webhook, the look-up of the secret included.
    static final String DESK_WEBHOOK = "media.desk.webhook";
    /// Time the desk took to accept or refuse a stream.
    static final String DESK_CONNECT = "media.desk.connect";
    /// Refusals that were counted but not told to the desk.
    static final String REFUSALS_UNREPORTED = "media.refusals.unreported";
    /// Outbound frames that lost their slot because the socket or this node was late.
    static final String OUTBOUND_SHIFTED = "media.outbound.shifted";
    /// Clips refused because a leg's queue was full.
    static final String OUTBOUND_QUEUE_FULL = "media.outbound.queue_full";
    /// Gauge: the 99th percentile of outbound lateness, in microseconds.
    static final String OUTBOUND_LATENESS_P99 = "media.outbound.lateness_p99_micros";
    /// Calls of a listener or of the desk that threw.
    static final String CALLBACK_FAILED = "media.callback.failed";

    /// Gauge: sockets of visitors.
    static final String CHATS = "media.chats";
    /// Time the desk took to give or take a token of a chat.
    static final String DESK_CHAT = "media.desk.chat";
    /// Frames for a visitor that came after the node's sockets were closed.
    static final String CHAT_UNSENT = "media.chat.unsent";

    /// Guesses of a carrier's transcriber, which are not used.
    static final String RELAY_PARTIAL = "media.relay.partial";
    /// Faults that a carrier reported of a relayed call.
    static final String RELAY_FAULT = "media.relay.fault";

    private static final Map<RefusalReason, String> REFUSED = refused();

    private MediaMetrics() {}

    static String refused(RefusalReason reason) {
        return requireNonNull(REFUSED.get(reason), "reason");
    }

    private static Map<RefusalReason, String> refused() {
        var names = new EnumMap<RefusalReason, String>(RefusalReason.class);
        for (var reason : RefusalReason.values()) {
            names.put(reason, "media.refused." + reason.name().toLowerCase(Locale.ROOT));
        }
        return names;
    }
}
