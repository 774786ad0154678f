package dev.sotto.server.bench;

import java.io.PrintWriter;
import java.util.Locale;

/// Where a benchmark says what it does.
record Progress(PrintWriter out) {
    @SuppressWarnings("AnnotateFormatMethod") // the annotation would be one more dependency
    void say(String format, Object... values) {
        out.println(String.format(Locale.ROOT, format, values));
        out.flush();
    }
}
