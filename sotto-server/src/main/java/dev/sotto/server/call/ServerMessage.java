package dev.sotto.server.call;

import dev.sotto.core.RejectedException;
import dev.sotto.media.AudioClip;
import dev.sotto.server.node.ServerError;
import java.util.Base64;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.json.JsonFactory;

/// What a server sends on a bidirectional stream (Twilio Media Streams, "WebSocket messages to Twilio").
/// Unknown events and fields are skipped.
sealed interface ServerMessage {
    /// Characters of one message.
    int MAX_CHARACTERS = 1 << 20;

    record Media(AudioClip audio) implements ServerMessage {}

    record Mark(String name) implements ServerMessage {}

    record Clear() implements ServerMessage {}

    /// Something this caller does not know.
    record Other() implements ServerMessage {}

    /// Reads one.
    ///
    /// @throws RejectedException if `text` is not one; the message holds nothing of it
    static ServerMessage read(String text) {
        return ServerMessageReader.read(text);
    }

    /// Reads in one pass, since fifty streams bring thousands a second.
    final class ServerMessageReader {
        private static final int MAX_DEPTH = 16;
        private static final int MAX_MARK_CHARACTERS = 1_024;
        private static final JsonFactory JSON = JsonFactory.builder()
                .streamReadConstraints(StreamReadConstraints.builder()
                        .maxNestingDepth(MAX_DEPTH)
                        .maxStringLength(MAX_CHARACTERS)
                        .build())
                .build();

        private String event = "";
        private String payload = "";
        private String mark = "";

        private ServerMessageReader() {}

        private static ServerMessage read(String text) {
            try (JsonParser json = JSON.createParser(ObjectReadContext.empty(), text)) {
                var reader = new ServerMessageReader();
                if (json.nextToken() != JsonToken.START_OBJECT) {
                    throw malformed("must be a json object");
                }
                reader.fields(json);
                return reader.message();
            } catch (JacksonException notJson) {
                throw new RejectedException(ServerError.CALL_FAILED, "a stream message is not json", notJson);
            }
        }

        private void fields(JsonParser json) {
            while (json.nextToken() == JsonToken.PROPERTY_NAME) {
                String name = json.currentName();
                JsonToken value = json.nextToken();
                switch (name) {
                    case "event" -> event = text(json, value);
                    case "media" -> payload = field(json, value, "payload");
                    case "mark" -> mark = field(json, value, "name");
                    default -> json.skipChildren();
                }
            }
        }

        private ServerMessage message() {
            return switch (event) {
                case "media" -> new Media(audio(payload));
                case "mark" -> mark.isEmpty() ? new Other() : new Mark(mark);
                case "clear" -> new Clear();
                case "" -> throw malformed("must name its event");
                default -> new Other();
            };
        }

        /// One text field of an object; the empty string if it is not there.
        private static String field(JsonParser json, JsonToken start, String wanted) {
            String found = "";
            if (start != JsonToken.START_OBJECT) {
                json.skipChildren();
                return found;
            }
            while (json.nextToken() == JsonToken.PROPERTY_NAME) {
                String name = json.currentName();
                JsonToken value = json.nextToken();
                if (name.equals(wanted)) {
                    found = text(json, value);
                } else {
                    json.skipChildren();
                }
            }
            if (wanted.equals("name") && found.length() > MAX_MARK_CHARACTERS) {
                throw malformed("mark name must have at most %d characters".formatted(MAX_MARK_CHARACTERS));
            }
            return found;
        }

        private static String text(JsonParser json, JsonToken value) {
            if (value != JsonToken.VALUE_STRING) {
                throw malformed("event, payload and name must be strings");
            }
            return json.getString();
        }

        private static AudioClip audio(String base64) {
            try {
                return AudioClip.of(Base64.getDecoder().decode(base64));
            } catch (IllegalArgumentException notBase64) {
                throw new RejectedException(
                        ServerError.CALL_FAILED, "a stream message's payload is not base64", notBase64);
            }
        }

        private static RejectedException malformed(String rule) {
            return new RejectedException(ServerError.CALL_FAILED, "a stream message " + rule);
        }
    }
}
