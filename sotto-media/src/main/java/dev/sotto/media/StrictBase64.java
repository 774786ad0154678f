package dev.sotto.media;

import java.util.Arrays;

/// Decodes base64 (RFC 4648 section 4) and nothing near it: no line breaks, padding where it belongs, and the
/// bits that padding hides must be zero, so that each text has one meaning and each meaning one text.
/// Thread-safe.
final class StrictBase64 {
    private static final String ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    private static final int ASCII = 128;
    private static final byte[] VALUE = values();

    /// Returned by [#size] and [#decode] for text that is not strict base64.
    static final int MALFORMED = -1;

    private StrictBase64() {}

    /// How many bytes the text decodes to, by its length and padding.
    static int size(char[] text, int offset, int length) {
        if (length % 4 != 0) {
            return MALFORMED;
        }
        return length / 4 * 3 - padding(text, offset, length);
    }

    /// Decodes into `target`, which has room for [#size] bytes, and returns that size.
    static int decode(char[] text, int offset, int length, byte[] target) {
        int size = size(text, offset, length);
        int padding = size == MALFORMED ? 0 : padding(text, offset, length);
        int at = 0;
        for (int i = 0; i < length - padding && size != MALFORMED; i += 4) {
            int group = Math.min(4, length - padding - i);
            int bits = 0;
            for (int j = 0; j < 4; j++) {
                int value = j < group ? value(text[offset + i + j]) : 0;
                if (value < 0) {
                    return MALFORMED;
                }
                bits = bits << 6 | value;
            }
            for (int j = 0; j < 3; j++) {
                int octet = bits >> (16 - 8 * j) & 0xFF;
                if (j < group - 1) {
                    target[at++] = (byte) octet;
                } else if (octet != 0) {
                    return MALFORMED;
                }
            }
        }
        return size;
    }

    private static int padding(char[] text, int offset, int length) {
        if (length == 0 || text[offset + length - 1] != '=') {
            return 0;
        }
        return text[offset + length - 2] == '=' ? 2 : 1;
    }

    private static int value(char c) {
        return c < ASCII ? VALUE[c] : MALFORMED;
    }

    private static byte[] values() {
        var table = new byte[ASCII];
        Arrays.fill(table, (byte) MALFORMED);
        for (int i = 0; i < ALPHABET.length(); i++) {
            table[ALPHABET.charAt(i)] = (byte) i;
        }
        return table;
    }
}
