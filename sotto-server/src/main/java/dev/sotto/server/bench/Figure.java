package dev.sotto.server.bench;

import java.util.List;
import java.util.Locale;
import java.util.OptionalDouble;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/// One measured number, and what it should be at most where that was promised.
///
/// @param name stable, such as `calls.start-warm`
/// @param unit such as `s`, `ms` or `MB`
public record Figure(String name, double value, String unit, OptionalDouble target) {
    private static final JsonMapper JSON = JsonMapper.shared();
    private static final double STEP = 1_000.0;

    /// A figure that was promised.
    static Figure promised(String name, double value, String unit, double target) {
        return new Figure(name, value, unit, OptionalDouble.of(target));
    }

    /// A figure that explains others.
    static Figure noted(String name, double value, String unit) {
        return new Figure(name, value, unit, OptionalDouble.empty());
    }

    /// Whether it is what was promised, or nothing was.
    public boolean met() {
        return target.isEmpty() || value <= target.getAsDouble();
    }

    /// A JSON object on one line, in the form every `bench` has. None of these has a peer to compare with.
    public String json() {
        ObjectNode line = JSON.createObjectNode();
        line.put("figure", name);
        line.put("value", Math.round(value * STEP) / STEP);
        line.put("unit", unit);
        line.putNull("peer").putNull("peerValue").putNull("ratio");
        if (target.isPresent()) {
            line.put("target", target.getAsDouble()).put("met", met());
        } else {
            line.putNull("target").putNull("met");
        }
        return line.toString();
    }

    /// For people.
    public static String table(List<Figure> figures) {
        var out = new StringBuilder();
        out.append("%-26s %10s  %-4s %10s  %s%n".formatted("figure", "value", "unit", "target", "met"));
        for (Figure figure : figures) {
            out.append(String.format(
                    Locale.ROOT,
                    "%-26s %10.2f  %-4s %10s  %s%n",
                    figure.name(),
                    figure.value(),
                    figure.unit(),
                    figure.target().isPresent()
                            ? String.format(
                                    Locale.ROOT, "<= %s", brief(figure.target().getAsDouble()))
                            : "",
                    figure.target().isEmpty() ? "" : figure.met() ? "yes" : "NO"));
        }
        return out.toString();
    }

    private static String brief(double value) {
        return value == Math.rint(value) ? String.valueOf((long) value) : String.valueOf(value);
    }
}
