package dev.sotto.server.faults;

import dev.sotto.core.CallId;
import dev.sotto.core.NotFoundException;
import dev.sotto.core.TenantId;
import dev.sotto.server.call.NodeClient;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;

/// What a node has on paper about its demo tenant's calls, read with the operator token.
record Paper(NodeClient client) {
    /// A node that runs on `home` now.
    static Paper of(Home home) {
        return new Paper(NodeClient.connect(home.places()));
    }

    TenantId tenant() {
        return TenantId.parse(client.node().demo().tenant());
    }

    /// A turn, without what only tells when it was kept.
    record Turn(String id, String kind, String text) {}

    /// An entry of the log.
    record Entry(long sequence, String type, Map<String, String> details) {}

    JsonNode call(CallId id) {
        return client.get(
                "/api/v1/calls/%s?tenant=%s".formatted(id, client.node().demo().tenant()));
    }

    /// The turns of a call that are durable now; none while nobody knows the call.
    List<Turn> turns(CallId id) {
        try {
            List<Turn> turns = new ArrayList<>();
            call(id).path("turns")
                    .forEach(turn -> turns.add(new Turn(
                            turn.path("id").asString(""),
                            turn.path("kind").asString(""),
                            turn.path("text").asString(""))));
            return turns;
        } catch (NotFoundException _) {
            return List.of();
        }
    }

    List<Entry> entries(CallId id) {
        JsonNode all = client.get("/api/v1/calls/%s/audit?tenant=%s"
                .formatted(id, client.node().demo().tenant()));
        List<Entry> entries = new ArrayList<>();
        all.path("entries").forEach(entry -> {
            Map<String, String> details = new TreeMap<>();
            entry.path("details")
                    .properties()
                    .forEach(detail ->
                            details.put(detail.getKey(), detail.getValue().asString("")));
            entries.add(new Entry(
                    entry.path("sequence").asLong(), entry.path("type").asString(""), details));
        });
        return entries;
    }

    List<Entry> entries(CallId id, String type) {
        return entries(id).stream().filter(entry -> entry.type().equals(type)).toList();
    }

    /// The sum of a metric's samples, 0 if there are none.
    double metric(String name) {
        return samples(name).values().stream().mapToDouble(Double::doubleValue).sum();
    }

    /// The samples whose name begins with `prefix`.
    Map<String, Double> samples(String prefix) {
        return Stream.of(client.text("/metrics").split("\n"))
                .filter(line -> line.startsWith(prefix))
                .map(line -> line.split(" "))
                .collect(Collectors.toMap(parts -> parts[0], parts -> Double.parseDouble(parts[1])));
    }

    /// Whether everything a call needs works.
    boolean healthy() {
        try {
            return client.text("/health").contains("\"status\":\"up\"");
        } catch (dev.sotto.core.UnavailableException _) {
            return false;
        }
    }
}
