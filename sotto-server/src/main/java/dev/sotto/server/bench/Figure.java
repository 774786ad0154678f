package dev.sotto.server.bench;

import java.util.List;
import java.util.Locale;

/// One measured number and what it should be.
///
/// @param name stable, such as `calls.start-warm`
/// @param unit such as `s`, `ms` or `MB`
/// @param target the most it may be
public record Figure(String name, double value, String unit, double target) {
    public boolean met() {
        return value <= target;
    }

    /// One JSON object a line, in the form that every `bench` has. None of these has a peer to compare with.
    public static String lines(List<Figure> figures) {
        var out = new StringBuilder();
        for (Figure figure : figures) {
            out.append(String.format(
                    Locale.ROOT,
                    "{\"figure\":\"%s\",\"value\":%.3f,\"unit\":\"%s\",\"peer\":null,\"peerValue\":null,\"ratio\":null,"
                            + "\"target\":%s,\"met\":%b}%n",
                    figure.name(),
                    figure.value(),
                    figure.unit(),
                    number(figure.target()),
                    figure.met()));
        }
        return out.toString();
    }

    public static String table(List<Figure> figures) {
        var out = new StringBuilder();
        out.append("%-24s %10s  %-4s %10s  %s%n".formatted("figure", "value", "", "target", "met"));
        for (Figure figure : figures) {
            out.append(String.format(
                    Locale.ROOT,
                    "%-24s %10.2f  %-4s %10s  %s%n",
                    figure.name(),
                    figure.value(),
                    figure.unit(),
                    "<= " + number(figure.target()),
                    figure.met() ? "yes" : "NO"));
        }
        return out.toString();
    }

    private static String number(double value) {
        return value == Math.rint(value) ? String.valueOf((long) value) : String.valueOf(value);
    }
}
