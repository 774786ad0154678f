package dev.sotto.media;

import java.util.regex.Pattern;

/// The shape of Twilio's ids. Looser than Twilio's own two letters and 32 hex digits, since others speak the
/// protocol too, and strict enough to stand in JSON, a URL and a log.
final class Sid {
    private static final Pattern SHAPE = Pattern.compile("[A-Za-z0-9_-]{2,64}");

    private Sid() {}

    static boolean wellFormed(String text) {
        return SHAPE.matcher(text).matches();
    }

    static String orEmpty(String text) {
        return wellFormed(text) ? text : "";
    }
}
