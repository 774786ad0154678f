package dev.sotto.core;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.Objects.requireNonNull;

import java.security.MessageDigest;

/// Text that may identify a person or was said, typed or keyed by one. Prints as `[REDACTED]`, is not serializable, and
/// gives its content only to [#reveal()], which a reviewer can search for. Immutable.
///
/// The JVM cannot promise that the characters are ever wiped from memory.
public final class SensitiveText {
    private final String text;

    private SensitiveText(String text) {
        this.text = text;
    }

    public static SensitiveText of(String text) {
        return new SensitiveText(requireNonNull(text, "text"));
    }

    /// The text itself. Never log it, never put it in a message.
    public String reveal() {
        return text;
    }

    /// The number of UTF-16 code units.
    public int length() {
        return text.length();
    }

    public boolean isEmpty() {
        return text.isEmpty();
    }

    /// Compares contents in time that depends on the lengths only.
    @Override
    public boolean equals(Object other) {
        return other instanceof SensitiveText that
                && MessageDigest.isEqual(text.getBytes(UTF_8), that.text.getBytes(UTF_8));
    }

    @Override
    public int hashCode() {
        return text.hashCode();
    }

    @Override
    public String toString() {
        return "[REDACTED]";
    }
}
