package dev.sotto.model;

import dev.sotto.core.SensitiveText;
import dev.sotto.core.UnavailableException;
import java.time.Duration;
import java.util.Optional;
import java.util.regex.Pattern;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;

/// One event of a realtime server, read leniently: fields that are not known are ignored, those that are used must be
/// what the protocol says.
final class ServerEvent {
    private static final Pattern CODE = Pattern.compile("[a-z][a-z0-9_.]{0,63}");
    private static final long MOST_MILLIS = Duration.ofDays(1).toMillis();
    private static final int MOST_INDEX = 1_000;

    private final ServerEventType type;
    private final JsonNode json;

    private ServerEvent(ServerEventType type, JsonNode json) {
        this.type = type;
        this.json = json;
    }

    /// Reads a message; empty if its type is not known.
    ///
    /// @throws UnavailableException if it is no event, or lacks what its type needs
    static Optional<ServerEvent> read(String message) {
        JsonNode json;
        try {
            json = WireJson.MAPPER.readTree(message);
        } catch (JacksonException notJson) {
            throw broken("a message of a session must be JSON"); // whose words may be protected
        }
        String name = WireJson.text(json, "type");
        if (name.isEmpty()) {
            throw broken("a message of a session must be an object with a type");
        }
        var type = ServerEventType.named(name);
        if (type == null) {
            return Optional.empty();
        }
        for (String field : type.needed()) {
            if (!json.hasNonNull(field)) {
                throw broken("%s must have %s".formatted(type, field));
            }
        }
        return Optional.of(new ServerEvent(type, json));
    }

    static UnavailableException broken(String rule) {
        return new UnavailableException(ModelError.ANSWER_BROKEN, rule);
    }

    ServerEventType type() {
        return type;
    }

    String responseId() {
        return id(json, "response_id");
    }

    String itemId() {
        return id(json, "item_id");
    }

    String callId() {
        return id(json, "call_id");
    }

    JsonNode item() {
        return json.path("item");
    }

    JsonNode response() {
        return json.path("response");
    }

    /// Whether it is about a response.
    boolean ofResponse() {
        return json.has("response_id") || json.has("response");
    }

    JsonNode session() {
        return json.path("session");
    }

    /// A field of ours to the provider: of [#item()], [#response()] or the event itself.
    static String id(JsonNode of, String field) {
        String id = WireJson.text(of, field);
        if (!ToolCall.isId(id)) {
            throw broken("%s must be an id".formatted(field));
        }
        return id;
    }

    SensitiveText protectedText(String field) {
        return SensitiveText.of(WireJson.text(json, field));
    }

    String text(String field) {
        return WireJson.text(json, field);
    }

    int index(String field) {
        long index = WireJson.number(json, field, 0);
        if (index < 0 || index > MOST_INDEX) {
            throw broken("%s must be 0 to %d".formatted(field, MOST_INDEX));
        }
        return (int) index;
    }

    Duration millis(String field) {
        return Duration.ofMillis(Math.clamp(WireJson.number(json, field, 0), 0, MOST_MILLIS));
    }

    RealtimeEvent.Part part() {
        return new RealtimeEvent.Part(responseId(), itemId(), index("output_index"), index("content_index"));
    }

    /// The provider's word for an error, if it is a word.
    String errorCode() {
        String code = WireJson.text(json.path("error"), "code");
        String kind = code.isEmpty() ? WireJson.text(json.path("error"), "type") : code;
        return CODE.matcher(kind).matches() ? kind : "unknown";
    }

    /// The id of our event that an error is about; "" if it names none.
    String errorEventId() {
        return WireJson.text(json.path("error"), "event_id");
    }
}
