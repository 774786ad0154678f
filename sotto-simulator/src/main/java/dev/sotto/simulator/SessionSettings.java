package dev.sotto.simulator;

import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/// The settings of a Realtime session, read from and written in either dialect. Not thread-safe.
final class SessionSettings {
    private static final Set<String> GENERAL_KEYS = Set.of(
            "type",
            "model",
            "output_modalities",
            "instructions",
            "audio",
            "tools",
            "tool_choice",
            "max_output_tokens",
            "truncation",
            "tracing",
            "include",
            "prompt",
            "reasoning",
            "parallel_tool_calls");
    private static final Set<String> BETA_KEYS = Set.of(
            "model",
            "modalities",
            "instructions",
            "voice",
            "speed",
            "input_audio_format",
            "output_audio_format",
            "input_audio_transcription",
            "input_audio_noise_reduction",
            "turn_detection",
            "tools",
            "tool_choice",
            "temperature",
            "max_response_output_tokens",
            "tracing");

    /// Why settings are refused.
    record Refusal(String code, String param) {}

    private final String id;
    private final String model;
    private final long expiresAt;
    private final boolean transcriptionOnly;
    private AudioFormat input = AudioFormat.PCM;
    private AudioFormat output = AudioFormat.PCM;
    private boolean audible = true;
    private @Nullable TurnDetection turns = TurnDetection.DEFAULT;
    private @Nullable JsonNode transcription;
    private JsonNode instructions = Json.MAPPER.getNodeFactory().stringNode("");
    private JsonNode tools = Json.MAPPER.createArrayNode();
    private JsonNode toolChoice = Json.MAPPER.getNodeFactory().stringNode("auto");
    private JsonNode mostTokens = Json.MAPPER.getNodeFactory().stringNode("inf");
    private String voice = "scripted";

    /// @param transcription whether the session only writes down what is said
    SessionSettings(String id, String model, long expiresAt, boolean transcription) {
        this.transcriptionOnly = transcription;
        this.id = id;
        this.model = model;
        this.expiresAt = expiresAt;
    }

    AudioFormat input() {
        return input;
    }

    AudioFormat output() {
        return output;
    }

    boolean audible() {
        return audible;
    }

    Optional<TurnDetection> turns() {
        return Optional.ofNullable(turns);
    }

    boolean transcribes() {
        return transcription != null;
    }

    boolean toolsWanted() {
        return !toolChoice.asString("").equals("none");
    }

    /// Takes what `session` sets; all or nothing.
    Optional<Refusal> update(JsonNode session, Dialect dialect) {
        Set<String> known = dialect == Dialect.GENERAL ? GENERAL_KEYS : BETA_KEYS;
        for (String key : session.propertyNames()) {
            if (!known.contains(key)) {
                return refuse("unknown_parameter", key);
            }
        }
        String type = transcriptionOnly ? "transcription" : "realtime";
        if (dialect == Dialect.GENERAL && !Json.text(session, "type", "").equals(type)) {
            return refuse(session.has("type") ? "invalid_value" : "missing_required_parameter", "type");
        }
        return dialect == Dialect.GENERAL ? general(session) : beta(session);
    }

    private Optional<Refusal> general(JsonNode session) {
        JsonNode in = session.at("/audio/input");
        JsonNode out = session.at("/audio/output");
        AudioFormat newInput = input;
        AudioFormat newOutput = output;
        if (in.has("format")) {
            newInput =
                    AudioFormat.ofType(Json.text(in.path("format"), "type", "")).orElse(null);
        }
        if (out.has("format")) {
            newOutput = AudioFormat.ofType(Json.text(out.path("format"), "type", ""))
                    .orElse(null);
        }
        if (newInput == null || newOutput == null) {
            return refuse("invalid_value", newInput == null ? "audio.input.format.type" : "audio.output.format.type");
        }
        return set(
                session,
                new Sound(newInput, newOutput),
                session.path("output_modalities"),
                in.path("turn_detection"),
                "audio.input.turn_detection",
                in.path("transcription"),
                out.path("voice"),
                session.path("max_output_tokens"));
    }

    private Optional<Refusal> beta(JsonNode session) {
        AudioFormat newInput = input;
        AudioFormat newOutput = output;
        if (session.has("input_audio_format")) {
            newInput = AudioFormat.ofType(Json.text(session, "input_audio_format", ""))
                    .orElse(null);
        }
        if (session.has("output_audio_format")) {
            newOutput = AudioFormat.ofType(Json.text(session, "output_audio_format", ""))
                    .orElse(null);
        }
        if (newInput == null || newOutput == null) {
            return refuse("invalid_value", newInput == null ? "input_audio_format" : "output_audio_format");
        }
        return set(
                session,
                new Sound(newInput, newOutput),
                session.path("modalities"),
                session.path("turn_detection"),
                "turn_detection",
                session.path("input_audio_transcription"),
                session.path("voice"),
                session.path("max_response_output_tokens"));
    }

    private record Sound(AudioFormat input, AudioFormat output) {}

    private Optional<Refusal> set(
            JsonNode session,
            Sound sound,
            JsonNode modalities,
            JsonNode detection,
            String detectionName,
            JsonNode transcribe,
            JsonNode newVoice,
            JsonNode most) {
        TurnDetection newTurns = turns;
        if (detection.isNull()) {
            newTurns = null;
        } else if (detection.isObject()) {
            try {
                newTurns = TurnDetection.read(detection, turns == null ? TurnDetection.DEFAULT : turns);
            } catch (IllegalArgumentException wrong) {
                return refuse("invalid_value", detectionName + "." + wrong.getMessage());
            }
        }
        turns = newTurns;
        input = sound.input();
        output = sound.output();
        audible = modalities.isMissingNode() ? audible : hears(modalities);
        if (!transcribe.isMissingNode()) {
            transcription = transcribe.isNull() ? null : transcribe;
        }
        voice = newVoice.asString(voice);
        instructions = session.has("instructions") ? session.path("instructions") : instructions;
        tools = session.has("tools") ? session.path("tools") : tools;
        toolChoice = session.has("tool_choice") ? session.path("tool_choice") : toolChoice;
        mostTokens = most.isMissingNode() ? mostTokens : most;
        return Optional.empty();
    }

    /// Whether the modalities have audio among them.
    static boolean hears(JsonNode modalities) {
        for (JsonNode modality : modalities) {
            if (modality.asString("").equals("audio")) {
                return true;
            }
        }
        return false;
    }

    private static Optional<Refusal> refuse(String code, String key) {
        return Optional.of(new Refusal(code, "session." + key));
    }

    private ObjectNode transcriptionJson(Dialect dialect) {
        ObjectNode node = Json.object()
                .put("object", "realtime.transcription_session")
                .put("id", id)
                .put("expires_at", expiresAt)
                .put(Listener.HEADER.replace('-', '_'), Listener.HEADER_VALUE);
        switch (dialect) {
            case GENERAL -> {
                ObjectNode in =
                        node.put("type", "transcription").putObject("audio").putObject("input");
                in.set("format", format(input));
                in.set("transcription", transcription);
                in.putNull("noise_reduction");
                in.set("turn_detection", turns == null ? null : turns.json());
            }
            case BETA -> {
                node.put("input_audio_format", input.betaName());
                node.set("input_audio_transcription", transcription);
                node.set("turn_detection", turns == null ? null : turns.json());
                node.putObject("client_secret").put("value", "").put("expires_at", expiresAt);
            }
        }
        return node;
    }

    ObjectNode json(Dialect dialect) {
        if (transcriptionOnly) {
            return transcriptionJson(dialect);
        }
        ObjectNode node = Json.object()
                .put("object", "realtime.session")
                .put("id", id)
                .put("model", model)
                .put("expires_at", expiresAt)
                .put(Listener.HEADER.replace('-', '_'), Listener.HEADER_VALUE);
        node.set("instructions", instructions);
        node.set("tools", tools);
        node.set("tool_choice", toolChoice);
        switch (dialect) {
            case GENERAL -> {
                node.put("type", "realtime").set("max_output_tokens", mostTokens);
                node.putArray("output_modalities").add(audible ? "audio" : "text");
                ObjectNode audio = node.putObject("audio");
                ObjectNode in = audio.putObject("input");
                in.set("format", format(input));
                in.set("transcription", transcription);
                in.putNull("noise_reduction");
                in.set("turn_detection", turns == null ? null : turns.json());
                ObjectNode out = audio.putObject("output").put("voice", voice).put("speed", 1.0);
                out.set("format", format(output));
                node.put("truncation", "auto").putNull("tracing").putNull("include");
            }
            case BETA -> {
                node.set("max_response_output_tokens", mostTokens);
                var modalities = node.putArray("modalities").add("text");
                if (audible) {
                    modalities.add("audio");
                }
                node.put("voice", voice)
                        .put("input_audio_format", input.betaName())
                        .put("output_audio_format", output.betaName())
                        .put("temperature", 0.8);
                node.set("input_audio_transcription", transcription);
                node.set("turn_detection", turns == null ? null : turns.json());
            }
        }
        return node;
    }

    String voice() {
        return voice;
    }

    JsonNode mostTokens() {
        return mostTokens;
    }

    static ObjectNode format(AudioFormat format) {
        ObjectNode node = Json.object().put("type", format.type());
        return format == AudioFormat.PCM ? node.put("rate", 24_000) : node;
    }
}
