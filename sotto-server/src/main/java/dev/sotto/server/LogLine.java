package dev.sotto.server;

import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.IThrowableProxy;
import ch.qos.logback.classic.spi.StackTraceElementProxy;
import ch.qos.logback.core.LayoutBase;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import org.slf4j.event.KeyValuePair;

/// One log event as one line of JSON. A foreign exception gives its class and frames, never its message, and a
/// foreign library's line is written only if the library is known not to put input into its lines.
final class LogLine extends LayoutBase<ILoggingEvent> {
    private static final String OWN = "dev.sotto.";
    private static final List<String> PLAIN =
            List.of(OWN, "org.flywaydb.", "com.zaxxer.hikari.", "org.springframework.boot.", "io.netty.util.");
    private static final int MAX_FRAMES = 12;
    private static final int MAX_CAUSES = 4;
    private static final int MAX_VALUE = 500;

    @Override
    public String doLayout(ILoggingEvent event) {
        var out = new StringBuilder(256);
        out.append("{\"at\":\"").append(event.getInstant()).append('"');
        field(out, "level", event.getLevel().toString().toLowerCase(Locale.ROOT));
        field(out, "logger", event.getLoggerName());
        @Nullable List<KeyValuePair> pairs = event.getKeyValuePairs();
        if (pairs != null) {
            pairs.forEach(pair -> field(out, pair.key, String.valueOf(pair.value)));
        }
        if (PLAIN.stream().anyMatch(event.getLoggerName()::startsWith)) {
            field(out, "message", event.getFormattedMessage());
        }
        failure(out, event.getThrowableProxy());
        return out.append("}\n").toString();
    }

    private static void failure(StringBuilder out, @Nullable IThrowableProxy thrown) {
        @Nullable IThrowableProxy next = thrown;
        for (int depth = 0; next != null && depth < MAX_CAUSES; depth++) {
            boolean own = next.getClassName().startsWith(OWN);
            @Nullable String message = next.getMessage();
            String name = depth == 0 ? "failure" : "cause" + depth;
            field(out, name, own && message != null ? next.getClassName() + ": " + message : next.getClassName());
            var frames = new StringBuilder();
            StackTraceElementProxy[] trace = next.getStackTraceElementProxyArray();
            for (int i = 0; i < Math.min(trace.length, MAX_FRAMES); i++) {
                frames.append(i == 0 ? "" : " < ").append(frame(trace[i].getStackTraceElement()));
            }
            field(out, name + "-at", frames.toString());
            next = next.getCause();
        }
    }

    private static String frame(StackTraceElement element) {
        String type = element.getClassName();
        return type.substring(type.lastIndexOf('.') + 1) + "." + element.getMethodName() + ":"
                + element.getLineNumber();
    }

    private static void field(StringBuilder out, String name, String value) {
        out.append(",\"");
        escape(out, name);
        out.append("\":\"");
        escape(out, value.length() <= MAX_VALUE ? value : value.substring(0, MAX_VALUE) + "...");
        out.append('"');
    }

    private static void escape(StringBuilder out, String text) {
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == '"' || c == '\\') {
                out.append('\\').append(c);
            } else if (c < ' ' || c == '\u2028' || c == '\u2029' || c == '\u007f') {
                out.append("\\u%04x".formatted((int) c));
            } else {
                out.append(c);
            }
        }
    }
}
