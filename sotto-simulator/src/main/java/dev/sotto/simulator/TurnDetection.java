package dev.sotto.simulator;

import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/// How the end of an utterance is found and what follows. Immutable.
///
/// @param type `server_vad` or `semantic_vad`
/// @param threshold 0 to 1
record TurnDetection(
        String type,
        double threshold,
        int prefixPaddingMilliseconds,
        int silenceMilliseconds,
        boolean createResponse,
        boolean interruptResponse) {
    static final TurnDetection DEFAULT = new TurnDetection("server_vad", 0.5, 300, 500, true, true);
    private static final int MOST_MILLISECONDS = 60_000;

    /// Reads the settings of `node` over `now`.
    ///
    /// @throws IllegalArgumentException with the field that is wrong
    static TurnDetection read(JsonNode node, TurnDetection now) {
        String type = Json.text(node, "type", now.type());
        if (!type.equals("server_vad") && !type.equals("semantic_vad")) {
            throw new IllegalArgumentException("type");
        }
        if (!node.path("idle_timeout_ms").isMissingNode()
                && !node.path("idle_timeout_ms").isNull()) {
            throw new IllegalArgumentException("idle_timeout_ms"); // the simulator has no idle timeout
        }
        double threshold = node.path("threshold").asDouble(now.threshold());
        if (!(threshold >= 0 && threshold <= 1)) {
            throw new IllegalArgumentException("threshold");
        }
        return new TurnDetection(
                type,
                threshold,
                milliseconds(node, "prefix_padding_ms", now.prefixPaddingMilliseconds()),
                type.equals("semantic_vad")
                        ? patience(Json.text(node, "eagerness", "auto"))
                        : milliseconds(node, "silence_duration_ms", now.silenceMilliseconds()),
                node.path("create_response").asBoolean(now.createResponse()),
                node.path("interrupt_response").asBoolean(now.interruptResponse()));
    }

    private static int milliseconds(JsonNode node, String field, int now) {
        int value = node.path(field).asInt(now);
        if (value < 0 || value > MOST_MILLISECONDS) {
            throw new IllegalArgumentException(field);
        }
        return value;
    }

    /// The simulator understands nothing, so eagerness is a length of silence.
    private static int patience(String eagerness) {
        return switch (eagerness) {
            case "high" -> 300;
            case "low" -> 1_000;
            case "auto", "medium" -> 600;
            default -> throw new IllegalArgumentException("eagerness");
        };
    }

    ObjectNode json() {
        ObjectNode node = Json.object().put("type", type);
        if (type.equals("server_vad")) {
            node.put("threshold", threshold)
                    .put("prefix_padding_ms", prefixPaddingMilliseconds)
                    .put("silence_duration_ms", silenceMilliseconds)
                    .putNull("idle_timeout_ms");
        } else {
            node.put("eagerness", "auto");
        }
        return node.put("create_response", createResponse).put("interrupt_response", interruptResponse);
    }
}
