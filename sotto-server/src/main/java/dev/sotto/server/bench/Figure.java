package dev.sotto.server.bench;

import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalDouble;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/// One measured number, and what it should be at most or at least where that was promised.
///
/// @param name stable, such as `calls.start-warm`
/// @param value empty if it could not be measured here
/// @param unit such as `s`, `ms` or `MB`
/// @param peer what somebody else's program takes; with one, the target is of the ratio
/// @param atLeast whether more is better
public record Figure(
        String name, OptionalDouble value, String unit, Optional<Peer> peer, OptionalDouble target, boolean atLeast) {
    private static final JsonMapper JSON = JsonMapper.shared();
    private static final double STEP = 1_000.0;

    /// Somebody else's program.
    public record Peer(String name, double value) {}

    /// A figure that was promised.
    static Figure promised(String name, double value, String unit, double target) {
        return new Figure(name, OptionalDouble.of(value), unit, Optional.empty(), OptionalDouble.of(target), false);
    }

    /// A figure that explains others.
    static Figure noted(String name, double value, String unit) {
        return new Figure(name, OptionalDouble.of(value), unit, Optional.empty(), OptionalDouble.empty(), false);
    }

    /// A figure that was promised as a part of a peer's.
    static Figure compared(String name, double value, String unit, String peer, double peerValue, double ratio) {
        return new Figure(
                name,
                OptionalDouble.of(value),
                unit,
                Optional.of(new Peer(peer, peerValue)),
                OptionalDouble.of(ratio),
                false);
    }

    /// A figure for which something is missing here.
    static Figure unmeasured(String name, String unit) {
        return new Figure(name, OptionalDouble.empty(), unit, Optional.empty(), OptionalDouble.empty(), false);
    }

    /// Whether it is what was promised, or nothing was.
    public boolean met() {
        if (target.isEmpty()) {
            return true;
        }
        double worst = atLeast ? 0 : Double.MAX_VALUE;
        double reached = ratio().orElse(value.orElse(worst));
        return atLeast ? reached >= target.getAsDouble() : reached <= target.getAsDouble();
    }

    private OptionalDouble ratio() {
        return value.isPresent() && peer.isPresent()
                ? OptionalDouble.of(value.getAsDouble() / peer.get().value())
                : OptionalDouble.empty();
    }

    /// A JSON object on one line, in the form every `bench` has.
    public String json() {
        ObjectNode line = JSON.createObjectNode();
        line.put("figure", name);
        put(line, "value", value);
        line.put("unit", unit);
        line.put("peer", peer.map(Peer::name).orElse(null));
        put(line, "peerValue", peer.map(Peer::value).map(OptionalDouble::of).orElse(OptionalDouble.empty()));
        put(line, "ratio", ratio());
        if (target.isPresent()) {
            line.put("target", target.getAsDouble()).put("met", met());
        } else {
            line.putNull("target").putNull("met");
        }
        return line.toString();
    }

    private static void put(ObjectNode line, String field, OptionalDouble value) {
        if (value.isPresent()) {
            line.put(field, Math.round(value.getAsDouble() * STEP) / STEP);
        } else {
            line.putNull(field);
        }
    }

    /// For people.
    public static String table(List<Figure> figures) {
        var out = new StringBuilder();
        out.append("%-30s %12s  %-4s %10s  %s%n".formatted("figure", "value", "unit", "target", "met"));
        for (Figure figure : figures) {
            out.append("%-30s %12s  %-4s %10s  %s%n"
                    .formatted(figure.name(), figure.shown(), figure.unit(), figure.shownTarget(), figure.shownMet()));
            figure.peer()
                    .ifPresent(peer -> out.append(String.format(
                            Locale.ROOT, "  beside %.3f %s of %s%n", peer.value(), figure.unit(), peer.name())));
        }
        return out.toString();
    }

    private String shown() {
        return value.isPresent()
                ? String.format(Locale.ROOT, peer.isPresent() ? "%.3f" : "%.2f", value.getAsDouble())
                : "not measured";
    }

    private String shownTarget() {
        return target.isPresent()
                ? (atLeast ? ">= " : "<= ") + brief(target.getAsDouble()) + (peer.isPresent() ? " x" : "")
                : "";
    }

    private String shownMet() {
        if (target.isEmpty()) {
            return "";
        }
        String ratio = ratio().isPresent() ? String.format(Locale.ROOT, ", %.2f x", ratio().getAsDouble()) : "";
        return (met() ? "yes" : "NO") + ratio;
    }

    private static String brief(double value) {
        return value == Math.rint(value) ? String.valueOf((long) value) : String.valueOf(value);
    }
}
