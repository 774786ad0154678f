package dev.sotto.simulator;

import tools.jackson.databind.node.ObjectNode;

/// The numbers about use that a Realtime service gives. They are plausible, not counted: nothing is metered here.
final class RealtimeUsage {
    private static final int SOUND_TOKEN_MILLISECONDS = 100;

    private RealtimeUsage() {}

    /// Of a response with so many tokens of text and milliseconds of sound.
    static ObjectNode of(int text, int milliseconds) {
        int audio = milliseconds / SOUND_TOKEN_MILLISECONDS;
        ObjectNode usage = Json.object()
                .put("total_tokens", text + audio)
                .put("input_tokens", 0)
                .put("output_tokens", text + audio);
        usage.putObject("input_token_details")
                .put("text_tokens", 0)
                .put("audio_tokens", 0)
                .put("cached_tokens", 0);
        usage.putObject("output_token_details").put("text_tokens", text).put("audio_tokens", audio);
        return usage;
    }

    static ObjectNode limits() {
        ObjectNode limits = Json.object();
        limits.putArray("rate_limits")
                .addObject()
                .put("name", "tokens")
                .put("limit", 40_000)
                .put("remaining", 39_000)
                .put("reset_seconds", 1.5);
        return limits;
    }
}
