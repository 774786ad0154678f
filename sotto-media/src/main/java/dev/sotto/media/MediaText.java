package dev.sotto.media;

import static java.nio.charset.StandardCharsets.US_ASCII;

/// Reads `media` messages in the one form that Twilio writes: every field there, in its order, nothing escaped, no
/// spaces. They are nearly all that ever comes, and so are read without a parser. Anything else is left to
/// [InboundMessage]'s, which knows every form. Not thread-safe.
final class MediaText {
    private static final byte[] SEQUENCE = "{\"event\":\"media\",\"sequenceNumber\":\"".getBytes(US_ASCII);
    private static final byte[] CHUNK = "\",\"media\":{\"track\":\"inbound\",\"chunk\":\"".getBytes(US_ASCII);
    private static final byte[] TIMESTAMP = "\",\"timestamp\":\"".getBytes(US_ASCII);
    private static final byte[] PAYLOAD = "\",\"payload\":\"".getBytes(US_ASCII);
    private static final byte[] STREAM = "\"},\"streamSid\":\"".getBytes(US_ASCII);
    private static final byte[] END = "\"}".getBytes(US_ASCII);
    private static final int MAX_DIGITS = 15;
    private static final int MAX_SID = 128;
    private static final long NONE = -1;

    private byte[] text = new byte[0];
    private int at;
    private int end;
    private char[] base64 = new char[0];
    /// The text of a stream's name stays the same from message to message.
    private String streamSid = "";

    long sequence;
    long timestampMillis;
    byte[] payload = new byte[0];

    /// Reads `length` bytes.
    ///
    /// @return false if it is not in that form: then nothing here means anything
    boolean read(byte[] json, int length) {
        text = json;
        at = 0;
        end = length;
        if (!skip(SEQUENCE)) {
            return false;
        }
        sequence = counter();
        if (sequence == NONE || !skip(CHUNK) || counter() == NONE || !skip(TIMESTAMP)) {
            return false;
        }
        timestampMillis = counter();
        return timestampMillis != NONE && skip(PAYLOAD) && audio() && skip(STREAM) && sid() && skip(END) && at == end;
    }

    String streamSid() {
        return streamSid;
    }

    private boolean skip(byte[] expected) {
        if (end - at < expected.length) {
            return false;
        }
        for (byte one : expected) {
            if (text[at++] != one) {
                return false;
            }
        }
        return true;
    }

    /// Digits up to the next other character; [#NONE] if there are none or too many.
    private long counter() {
        long value = 0;
        int from = at;
        while (at < end && text[at] >= '0' && text[at] <= '9' && at - from < MAX_DIGITS) {
            value = value * 10 + (text[at++] - '0');
        }
        return at == from ? NONE : value;
    }

    private boolean audio() {
        int length = 0;
        while (at + length < end && text[at + length] != '"') {
            length++;
        }
        if (length == 0 || length > EdgeLimits.MAX_PAYLOAD_BYTES * 2) {
            return false;
        }
        if (base64.length < length) {
            base64 = new char[length];
        }
        for (int i = 0; i < length; i++) {
            base64[i] = (char) (text[at + i] & 0xFF);
        }
        int size = StrictBase64.size(base64, 0, length);
        if (size <= 0 || size > EdgeLimits.MAX_PAYLOAD_BYTES) {
            return false;
        }
        if (payload.length != size) {
            payload = new byte[size];
        }
        at += length;
        return StrictBase64.decode(base64, 0, length, payload) == size;
    }

    private boolean sid() {
        int from = at;
        while (at < end && text[at] != '"' && at - from < MAX_SID) {
            if (!isLetterOrDigit(text[at])) {
                return false;
            }
            at++;
        }
        if (!same(from)) {
            streamSid = new String(text, from, at - from, US_ASCII);
        }
        return true;
    }

    private static boolean isLetterOrDigit(byte code) {
        return (code >= '0' && code <= '9') || (code >= 'a' && code <= 'z') || (code >= 'A' && code <= 'Z');
    }

    private boolean same(int from) {
        if (streamSid.length() != at - from) {
            return false;
        }
        for (int i = 0; i < streamSid.length(); i++) {
            if (streamSid.charAt(i) != text[from + i]) {
                return false;
            }
        }
        return true;
    }
}
