package dev.sotto.simulator;

import java.util.Optional;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;

/// The outer fields of a client's event, read without building a tree: most events are pieces of sound.
///
/// @param audio empty if there is none
record ClientFrame(String type, String eventId, String audio) {
    static final String APPEND = "input_audio_buffer.append";

    /// Nothing if the text is not a JSON object.
    static Optional<ClientFrame> read(String text) {
        try (JsonParser parser = Json.MAPPER.createParser(text)) {
            if (parser.nextToken() != JsonToken.START_OBJECT) {
                return Optional.empty();
            }
            String type = "";
            String eventId = "";
            String audio = "";
            while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
                String name = parser.currentName();
                boolean string = parser.nextToken() == JsonToken.VALUE_STRING;
                switch (name) {
                    case "type" -> type = string ? parser.getString() : "";
                    case "event_id" -> eventId = string ? parser.getString() : "";
                    case "audio" -> audio = string ? parser.getString() : "";
                    default -> parser.skipChildren();
                }
            }
            return parser.currentToken() == JsonToken.END_OBJECT && parser.nextToken() == null
                    ? Optional.of(new ClientFrame(type, eventId, audio))
                    : Optional.empty();
        } catch (JacksonException malformed) {
            return Optional.empty();
        }
    }
}
