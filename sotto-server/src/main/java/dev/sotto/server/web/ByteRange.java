package dev.sotto.server.web;

import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// Which part of a file a request asks for (RFC 9110 section 14).
sealed interface ByteRange {
    /// Everything: no range was asked for, or one in a form that is answered as if none was.
    record Whole() implements ByteRange {}

    /// From `first` to `last`, both inclusive, within the file.
    record Part(long first, long last) implements ByteRange {
        long length() {
            return last - first + 1;
        }
    }

    /// A well-formed range of which the file has nothing: status 416.
    record Unsatisfiable() implements ByteRange {}

    /// Reads a `Range` header for a file of `size` bytes. Several ranges at once are answered with the whole file,
    /// as RFC 9110 section 14.2 allows.
    static ByteRange of(@Nullable String header, long size) {
        if (header == null) {
            return new Whole();
        }
        Matcher matcher = Form.SINGLE.matcher(header.strip());
        if (!matcher.matches()
                || (matcher.group(1).isEmpty() && matcher.group(2).isEmpty())) {
            return new Whole();
        }
        if (matcher.group(1).isEmpty()) {
            long suffix = Long.parseLong(matcher.group(2));
            return suffix == 0 || size == 0 ? new Unsatisfiable() : new Part(Math.max(0, size - suffix), size - 1);
        }
        long first = Long.parseLong(matcher.group(1));
        long last = matcher.group(2).isEmpty() ? Long.MAX_VALUE : Long.parseLong(matcher.group(2));
        if (last < first) {
            return new Whole(); // invalid, so the field is ignored
        }
        return first >= size ? new Unsatisfiable() : new Part(first, Math.min(last, size - 1));
    }

    /// The one form that is understood.
    final class Form {
        private static final Pattern SINGLE = Pattern.compile("(?i:bytes)=(\\d{0,18})-(\\d{0,18})");

        private Form() {}
    }
}
