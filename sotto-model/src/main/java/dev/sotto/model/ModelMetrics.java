package dev.sotto.model;

import static java.util.Objects.requireNonNull;

import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;

/// The names under which this module counts.
final class ModelMetrics {
    /// Requests made, each try counted.
    static final String REQUESTS = "model.requests";
    /// Tries after the first.
    static final String RETRIES = "model.retries";
    /// Time from the request to the head of its answer, retries included.
    static final String FIRST_BYTE = "model.first_byte";
    /// Times a circuit was opened.
    static final String CIRCUIT_OPENED = "model.circuit.opened";
    /// Realtime sessions opened.
    static final String SESSIONS = "model.realtime.sessions";
    /// Server events of a type that is not known.
    static final String EVENTS_UNKNOWN = "model.realtime.events.unknown";
    /// Server events that came when they had no meaning, and were left out.
    static final String EVENTS_DISORDERED = "model.realtime.events.disordered";
    /// Responses that were not asked for, and were cancelled.
    static final String RESPONSES_UNASKED = "model.realtime.responses.unasked";
    /// Frames of the caller's audio that were dropped because the socket was late.
    static final String FRAMES_DROPPED = "model.realtime.frames.dropped";
    /// Server events `error`.
    static final String EVENTS_ERROR = "model.realtime.events.error";

    private static final Map<ModelError, String> FAILED = failed();

    private ModelMetrics() {}

    static String failed(ModelError code) {
        return requireNonNull(FAILED.get(code), "code");
    }

    private static Map<ModelError, String> failed() {
        var names = new EnumMap<ModelError, String>(ModelError.class);
        for (var code : ModelError.values()) {
            names.put(code, "model.failed." + code.name().toLowerCase(Locale.ROOT));
        }
        return names;
    }
}
