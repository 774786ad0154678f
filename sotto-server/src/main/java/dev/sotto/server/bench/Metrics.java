package dev.sotto.server.bench;

import dev.sotto.core.UnavailableException;
import dev.sotto.server.node.ServerError;

/// A node's `/metrics`, in Prometheus' text format.
final class Metrics {
    private Metrics() {}

    /// A counter without labels; zero as long as nothing counted.
    static long count(String text, String counter) {
        return text.lines().anyMatch(line -> line.startsWith(counter + " ")) ? read(text, counter) : 0;
    }

    /// The whole part of the value of a gauge without labels.
    static long read(String text, String gauge) {
        return text.lines()
                .filter(line -> line.startsWith(gauge + " "))
                .findFirst()
                .map(line -> (long)
                        Double.parseDouble(line.substring(gauge.length() + 1).strip()))
                .orElseThrow(() -> new UnavailableException(
                        ServerError.NODE_NOT_READY, "the node's metrics do not show %s".formatted(gauge)));
    }
}
