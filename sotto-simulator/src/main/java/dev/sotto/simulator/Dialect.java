package dev.sotto.simulator;

import java.util.Map;
import java.util.Optional;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/// The two dialects of the Realtime protocol. Events are made in the general one and translated on the way out.
enum Dialect {
    /// As OpenAI speaks it since general availability.
    GENERAL,
    /// As Azure's preview API speaks it, and OpenAI did under `OpenAI-Beta: realtime=v1`.
    BETA;

    private static final Map<String, String> BETA_TYPES = Map.of(
            "response.output_audio.delta", "response.audio.delta",
            "response.output_audio.done", "response.audio.done",
            "response.output_audio_transcript.delta", "response.audio_transcript.delta",
            "response.output_audio_transcript.done", "response.audio_transcript.done",
            "response.output_text.delta", "response.text.delta",
            "response.output_text.done", "response.text.done",
            "conversation.item.added", "conversation.item.created");
    private static final String UNKNOWN_TO_BETA = "conversation.item.done";

    /// The name of an event; nothing if the dialect has no such event.
    Optional<String> type(String general) {
        return switch (this) {
            case GENERAL -> Optional.of(general);
            case BETA ->
                general.equals(UNKNOWN_TO_BETA)
                        ? Optional.empty()
                        : Optional.of(BETA_TYPES.getOrDefault(general, general));
        };
    }

    /// Renames the parts of an item's content in place.
    void item(ObjectNode item) {
        if (this == GENERAL) {
            return;
        }
        for (JsonNode part : item.path("content")) {
            switch (Json.text(part, "type", "")) {
                case "output_audio" -> ((ObjectNode) part).put("type", "audio");
                case "output_text" -> ((ObjectNode) part).put("type", "text");
                default -> {} // the caller's parts have the same names in both
            }
        }
    }
}
