package dev.sotto.media;

import dev.sotto.core.SensitiveText;

/// The shape of the one-time token that TwiML carries to the stream.
final class StreamToken {
    private static final int MAX_CHARACTERS = 256;

    private StreamToken() {}

    static void check(SensitiveText token) {
        if (token.isEmpty() || token.length() > MAX_CHARACTERS) {
            throw new IllegalArgumentException("token must have 1 to %d characters".formatted(MAX_CHARACTERS));
        }
        if (!token.reveal().chars().allMatch(c -> c > ' ' && c < 0x7f)) {
            throw new IllegalArgumentException("token must be printable ascii without spaces");
        }
    }
}
