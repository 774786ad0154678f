package dev.sotto.simulator;

import java.util.Optional;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/// Writes the events of one session in its dialect, each with an id of its own. Not thread-safe.
final class RealtimeWire {
    /// Where the text goes.
    interface Socket {
        void send(String text);

        /// Whether the peer takes more now; a peer that is gone takes everything.
        boolean ready();

        /// Cuts the connection without a word.
        void cut();
    }

    private final Socket socket;
    private final Dialect dialect;
    private final Ids ids;

    RealtimeWire(Socket socket, Dialect dialect, Ids ids) {
        this.socket = socket;
        this.dialect = dialect;
        this.ids = ids;
    }

    Dialect dialect() {
        return dialect;
    }

    String id(String prefix) {
        return ids.next(prefix);
    }

    boolean ready() {
        return socket.ready();
    }

    void cut() {
        socket.cut();
    }

    /// Sends an event, or nothing if the dialect has none of that name.
    ///
    /// @param fields of the event besides its type and id; given in the general dialect and changed
    void send(String type, ObjectNode fields) {
        render(type, fields).ifPresent(socket::send);
    }

    Optional<String> render(String type, ObjectNode fields) {
        return dialect.type(type).map(name -> {
            if (fields.path("item") instanceof ObjectNode item) {
                dialect.item(item);
            }
            for (JsonNode item : fields.path("response").path("output")) {
                dialect.item((ObjectNode) item);
            }
            ObjectNode event = Json.object().put("type", name).put("event_id", ids.next("event_"));
            event.setAll(fields);
            return Json.write(event);
        });
    }

    /// Sends a piece of sound. Put together as text: it is most of what a session sends.
    void audio(String responseId, String itemId, int outputIndex, String base64) {
        String name = dialect == Dialect.GENERAL ? "response.output_audio.delta" : "response.audio.delta";
        socket.send(
                "{\"type\":\"" + name + "\",\"event_id\":\"" + ids.next("event_") + "\",\"response_id\":\"" + responseId
                        + "\",\"item_id\":\"" + itemId + "\",\"output_index\":" + outputIndex
                        + ",\"content_index\":0,\"delta\":\"" + base64 + "\"}");
    }

    /// Sends text as it stands.
    void raw(String text) {
        socket.send(text);
    }

    /// An error about the client event `eventId`, which may be empty.
    void error(String code, String message, String param, String eventId) {
        ObjectNode fields = Json.object();
        ObjectNode error = fields.putObject("error")
                .put("type", "invalid_request_error")
                .put("code", code)
                .put("message", message);
        error.put("param", param.isEmpty() ? null : param).put("event_id", eventId.isEmpty() ? null : eventId);
        send("error", fields);
    }
}
