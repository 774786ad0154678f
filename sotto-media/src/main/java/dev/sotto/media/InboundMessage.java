package dev.sotto.media;

import dev.sotto.core.SensitiveText;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;

/// One message from Twilio, read in place: the object is filled anew by each [#read]. Fields may come in any
/// order; unknown ones are skipped; counters may be strings or numbers. Not thread-safe.
final class InboundMessage {
    static final long ABSENT = -1;

    private static final int MAX_PARAMETERS = 32;
    private static final int MAX_PARAMETER_NAME = 64;
    private static final int MAX_PARAMETER_VALUE = 1_024;
    private static final int MAX_WORD = 128;
    private static final int MAX_COUNTER_DIGITS = 15;

    /// Which message it is.
    enum Event {
        CONNECTED,
        START,
        MEDIA,
        DTMF,
        MARK,
        STOP,
        /// Another one, to be ignored.
        OTHER
    }

    /// A field against its rule. Without a stack trace: a flood of bad messages must cost little.
    private static final class Against extends RuntimeException {
        private static final long serialVersionUID = 1L;
        private final transient RefusalReason reason;

        Against(RefusalReason reason) {
            super(reason.name(), null, false, false);
            this.reason = reason;
        }
    }

    Event event = Event.OTHER;
    long sequence;
    String streamSid = "";
    String accountSid = "";
    String callSid = "";
    String startStreamSid = "";
    boolean formatGood;
    Map<String, SensitiveText> parameters = Map.of();
    boolean fromCaller;
    long timestampMillis;
    /// The audio of a `media` message; its array is used again for the next message of the same size.
    byte[] payload = new byte[0];
    char digit;
    String markName = "";

    private final MediaText plain = new MediaText();
    private boolean named;
    private boolean hasStart;
    private boolean hasMedia;
    private boolean hasPayload;
    private boolean hasDtmf;
    private boolean hasMark;

    /// Reads `length` bytes of JSON.
    ///
    /// @return why it is refused, or null if it is well-formed and its event's fields are complete
    @Nullable
    RefusalReason read(byte[] json, int length) {
        reset();
        if (plain.read(json, length)) {
            event = Event.MEDIA;
            sequence = plain.sequence;
            timestampMillis = plain.timestampMillis;
            payload = plain.payload;
            streamSid = plain.streamSid();
            return null;
        }
        try (var parser = StreamJson.FACTORY.createParser(ObjectReadContext.empty(), json, 0, length)) {
            if (parser.nextToken() != JsonToken.START_OBJECT) {
                throw new Against(RefusalReason.BAD_JSON);
            }
            while (next(parser)) {
                top(parser);
            }
            if (parser.nextToken() != null) {
                throw new Against(RefusalReason.BAD_JSON);
            }
            return complete();
        } catch (Against against) {
            return against.reason;
        } catch (JacksonException notJson) {
            return RefusalReason.BAD_JSON;
        }
    }

    private void reset() {
        event = Event.OTHER;
        sequence = ABSENT;
        streamSid = "";
        accountSid = "";
        callSid = "";
        startStreamSid = "";
        formatGood = true;
        parameters = Map.of();
        fromCaller = true;
        timestampMillis = ABSENT;
        digit = 0;
        markName = "";
        named = false;
        hasStart = false;
        hasMedia = false;
        hasPayload = false;
        hasDtmf = false;
        hasMark = false;
    }

    private @Nullable RefusalReason complete() {
        if (!named) {
            return RefusalReason.BAD_MESSAGE;
        }
        boolean whole = switch (event) {
            case START -> hasStart && Sid.wellFormed(accountSid) && Sid.wellFormed(callSid);
            case MEDIA -> hasMedia && hasPayload && timestampMillis != ABSENT;
            case DTMF -> hasDtmf && digit != 0;
            case CONNECTED, MARK, STOP, OTHER -> true;
        };
        if (event == Event.MARK && !hasMark) {
            event = Event.OTHER;
        }
        return whole ? null : RefusalReason.BAD_MESSAGE;
    }

    private void top(JsonParser parser) {
        switch (parser.currentName()) {
            case "event" -> {
                event = event(word(parser));
                named = true;
            }
            case "sequenceNumber" -> sequence = counter(parser);
            case "streamSid" -> streamSid = word(parser);
            case "start" -> {
                hasStart = true;
                object(parser, InboundMessage::start);
            }
            case "media" -> {
                hasMedia = true;
                object(parser, InboundMessage::media);
            }
            case "dtmf" -> {
                hasDtmf = true;
                object(parser, InboundMessage::dtmf);
            }
            case "mark" -> mark(parser);
            default -> skip(parser);
        }
    }

    private void start(JsonParser parser) {
        switch (parser.currentName()) {
            case "accountSid" -> accountSid = word(parser);
            case "callSid" -> callSid = word(parser);
            case "streamSid" -> startStreamSid = word(parser);
            case "mediaFormat" -> object(parser, InboundMessage::format);
            case "customParameters" -> {
                parameters = new HashMap<>();
                object(parser, InboundMessage::parameter);
            }
            default -> skip(parser);
        }
    }

    private void format(JsonParser parser) {
        switch (parser.currentName()) {
            case "encoding" -> formatGood &= word(parser).equals("audio/x-mulaw");
            case "sampleRate" -> formatGood &= counter(parser) == AudioClip.SAMPLE_RATE_HERTZ;
            case "channels" -> formatGood &= counter(parser) == 1;
            default -> skip(parser);
        }
    }

    private void parameter(JsonParser parser) {
        String name = parser.currentName();
        if (parser.nextToken() != JsonToken.VALUE_STRING
                || name.length() > MAX_PARAMETER_NAME
                || parser.getStringLength() > MAX_PARAMETER_VALUE
                || parameters.size() == MAX_PARAMETERS) {
            throw new Against(RefusalReason.BAD_MESSAGE);
        }
        parameters.put(name, SensitiveText.of(parser.getString()));
    }

    private void media(JsonParser parser) {
        switch (parser.currentName()) {
            case "track" -> track(word(parser));
            case "timestamp" -> timestampMillis = counter(parser);
            case "chunk" -> counter(parser);
            case "payload" -> payload(parser);
            default -> skip(parser);
        }
    }

    private void payload(JsonParser parser) {
        if (parser.nextToken() != JsonToken.VALUE_STRING) {
            throw new Against(RefusalReason.BAD_PAYLOAD);
        }
        char[] text = parser.getStringCharacters();
        int offset = parser.getStringOffset();
        int length = parser.getStringLength();
        int size = StrictBase64.size(text, offset, length);
        if (size <= 0 || size > EdgeLimits.MAX_PAYLOAD_BYTES) {
            throw new Against(RefusalReason.BAD_PAYLOAD);
        }
        if (payload.length != size) {
            payload = new byte[size];
        }
        if (StrictBase64.decode(text, offset, length, payload) != size) {
            throw new Against(RefusalReason.BAD_PAYLOAD);
        }
        hasPayload = true;
    }

    private void dtmf(JsonParser parser) {
        switch (parser.currentName()) {
            case "track" -> track(word(parser));
            case "digit" -> {
                String key = word(parser);
                if (key.length() != 1 || "0123456789*#ABCD".indexOf(key.charAt(0)) < 0) {
                    throw new Against(RefusalReason.BAD_MESSAGE);
                }
                digit = key.charAt(0);
            }
            default -> skip(parser);
        }
    }

    /// A mark without an object is no mark.
    private void mark(JsonParser parser) {
        if (parser.nextToken() != JsonToken.START_OBJECT) {
            parser.skipChildren();
            return;
        }
        while (next(parser)) {
            if (parser.currentName().equals("name")) {
                markName = word(parser);
                hasMark = true;
            } else {
                skip(parser);
            }
        }
    }

    private void track(String track) {
        fromCaller = track.equals("inbound") || track.equals("inbound_track");
    }

    private void object(JsonParser parser, FieldReader field) {
        if (parser.nextToken() != JsonToken.START_OBJECT) {
            throw new Against(RefusalReason.BAD_MESSAGE);
        }
        while (next(parser)) {
            field.read(this, parser);
        }
    }

    /// Reads the value of the field the parser stands on.
    private interface FieldReader {
        void read(InboundMessage message, JsonParser parser);
    }

    private static boolean next(JsonParser parser) {
        return parser.nextToken() == JsonToken.PROPERTY_NAME;
    }

    private static void skip(JsonParser parser) {
        parser.nextToken();
        parser.skipChildren();
    }

    private static Event event(String name) {
        return switch (name) {
            case "connected" -> Event.CONNECTED;
            case "start" -> Event.START;
            case "media" -> Event.MEDIA;
            case "dtmf" -> Event.DTMF;
            case "mark" -> Event.MARK;
            case "stop" -> Event.STOP;
            default -> Event.OTHER;
        };
    }

    private static String word(JsonParser parser) {
        if (parser.nextToken() != JsonToken.VALUE_STRING || parser.getStringLength() > MAX_WORD) {
            throw new Against(RefusalReason.BAD_MESSAGE);
        }
        return parser.getString();
    }

    /// A count that is not negative, as a string of digits or as a number.
    private static long counter(JsonParser parser) {
        var token = parser.nextToken();
        int length =
                token == JsonToken.VALUE_STRING || token == JsonToken.VALUE_NUMBER_INT ? parser.getStringLength() : 0;
        if (length == 0 || length > MAX_COUNTER_DIGITS) {
            throw new Against(RefusalReason.BAD_MESSAGE);
        }
        char[] text = parser.getStringCharacters();
        int offset = parser.getStringOffset();
        long value = 0;
        for (int i = offset; i < offset + length; i++) {
            if (text[i] < '0' || text[i] > '9') {
                throw new Against(RefusalReason.BAD_MESSAGE);
            }
            value = value * 10 + (text[i] - '0');
        }
        return value;
    }
}
