package dev.sotto.media;

import dev.sotto.core.SensitiveText;
import java.io.StringWriter;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.ObjectWriteContext;

/// The JSON of chats, both ways. A message of a visitor is one flat object of strings, each field once.
final class ChatWire {
    /// UTF-16 code units that one message may have.
    static final int MAX_TEXT = 2_000;

    private static final Pattern ID = Pattern.compile("[A-Za-z0-9_-]{1,64}");

    /// What a visitor sends.
    sealed interface Message {
        record Text(String id, SensitiveText text) implements Message {}

        record TooLong(String id) implements Message {}

        record End() implements Message {}
    }

    private ChatWire() {}

    /// Empty if it is against the protocol.
    static Optional<Message> read(byte[] utf8, int length) {
        try (JsonParser parser = StreamJson.FACTORY.createParser(ObjectReadContext.empty(), utf8, 0, length)) {
            var fields = new Fields();
            if (parser.nextToken() != JsonToken.START_OBJECT || !fields.read(parser) || parser.nextToken() != null) {
                return Optional.empty();
            }
            return fields.message();
        } catch (JacksonException malformed) {
            return Optional.empty();
        }
    }

    private static final class Fields {
        private @Nullable String type;
        private @Nullable String id;
        private @Nullable String text;

        /// False if there is anything but the known strings.
        boolean read(JsonParser parser) {
            while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
                String name = parser.currentName();
                if (parser.nextToken() != JsonToken.VALUE_STRING) {
                    return false;
                }
                switch (name) {
                    case "type" -> type = parser.getString();
                    case "id" -> id = parser.getString();
                    case "text" -> text = parser.getString();
                    default -> {
                        return false;
                    }
                }
            }
            return true;
        }

        Optional<Message> message() {
            if ("end".equals(type) && id == null && text == null) {
                return Optional.of(new Message.End());
            }
            if (!"message".equals(type)
                    || id == null
                    || text == null
                    || !ID.matcher(id).matches()) {
                return Optional.empty();
            }
            if (text.length() > MAX_TEXT) {
                return Optional.of(new Message.TooLong(id));
            }
            return text.isBlank() || text.chars().anyMatch(ChatWire::unwanted)
                    ? Optional.empty()
                    : Optional.of(new Message.Text(id, SensitiveText.of(text)));
        }
    }

    /// Control characters but line breaks and tabs.
    private static boolean unwanted(int character) {
        return Character.isISOControl(character) && character != '\n' && character != '\r' && character != '\t';
    }

    static String write(ChatFrame frame) {
        var out = new StringWriter();
        try (JsonGenerator json = StreamJson.FACTORY.createGenerator(ObjectWriteContext.empty(), out)) {
            json.writeStartObject();
            switch (frame) {
                case ChatFrame.Hello hello -> hello(json, hello);
                case ChatFrame.Ack(String id) ->
                    json.writeStringProperty("type", "ack").writeStringProperty("id", id);
                case ChatFrame.Said(long number, SensitiveText text) ->
                    json.writeStringProperty("type", "said")
                            .writeNumberProperty("number", number)
                            .writeStringProperty("text", text.reveal());
                case ChatFrame.Tool(long number, String name) ->
                    json.writeStringProperty("type", "tool")
                            .writeNumberProperty("number", number)
                            .writeStringProperty("name", name);
                case ChatFrame.Working(boolean now) ->
                    json.writeStringProperty("type", "working").writeBooleanProperty("now", now);
                case ChatFrame.Ended(long number, ChatFrame.Reason reason, Optional<String> phone) -> {
                    json.writeStringProperty("type", "ended")
                            .writeNumberProperty("number", number)
                            .writeStringProperty("reason", reason.wire());
                    phone.ifPresent(known -> json.writeStringProperty("phone", known));
                }
                case ChatFrame.NotTaken(ChatFrame.Fault fault, String id) -> {
                    json.writeStringProperty("type", "error").writeStringProperty("code", fault.wire());
                    if (!id.isEmpty()) {
                        json.writeStringProperty("id", id);
                    }
                }
            }
            json.writeEndObject();
        }
        return out.toString();
    }

    private static void hello(JsonGenerator json, ChatFrame.Hello hello) {
        json.writeStringProperty("type", "hello")
                .writeNumberProperty("protocol", 1)
                .writeStringProperty("business", hello.business())
                .writeBooleanProperty("scripted", hello.scripted())
                .writeStringProperty("resume", hello.resume().reveal())
                .writeNumberProperty("resumeSeconds", hello.resumeWithin().toSeconds())
                .writeNumberProperty("maxText", MAX_TEXT);
    }
}
