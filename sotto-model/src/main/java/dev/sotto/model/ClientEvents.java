package dev.sotto.model;

import dev.sotto.model.RealtimeSettings.Dialect;
import dev.sotto.model.RealtimeSettings.Format;
import dev.sotto.model.RealtimeSettings.Purpose;
import java.io.StringWriter;
import java.time.Duration;
import java.util.Base64;
import java.util.function.Consumer;
import tools.jackson.core.JsonGenerator;

/// Writes the events that a client sends, in the session's dialect. Immutable and thread-safe.
final class ClientEvents {
    private static final int WIDE_RATE_HERTZ = 24_000;

    private final RealtimeSettings settings;
    private final boolean beta;

    ClientEvents(RealtimeSettings settings) {
        this.settings = settings;
        this.beta = settings.dialect() == Dialect.BETA;
    }

    private static String event(String type, String eventId, Consumer<JsonGenerator> fields) {
        var text = new StringWriter();
        try (var json = WireJson.MAPPER.createGenerator(text)) {
            json.writeStartObject();
            json.writeStringProperty("type", type);
            json.writeStringProperty("event_id", eventId);
            fields.accept(json);
            json.writeEndObject();
        }
        return text.toString();
    }

    /// The settings, instructions and tools of the session.
    String sessionUpdate(String eventId, ChatRequest request) {
        boolean transcription = settings.purpose() == Purpose.TRANSCRIPTION;
        String type = beta && transcription ? "transcription_session.update" : "session.update";
        return event(type, eventId, json -> {
            json.writeObjectPropertyStart("session");
            if (!beta) {
                session(json, request, transcription);
            } else {
                betaSession(json, request, transcription);
            }
            json.writeEndObject();
        });
    }

    private void session(JsonGenerator json, ChatRequest request, boolean transcription) {
        json.writeStringProperty("type", transcription ? "transcription" : "realtime");
        json.writeObjectPropertyStart("audio");
        json.writeObjectPropertyStart("input");
        format(json, "format");
        transcription(json, "transcription");
        json.writeNullProperty("noise_reduction");
        detection(json, transcription);
        json.writeEndObject();
        if (!transcription) {
            json.writeObjectPropertyStart("output");
            format(json, "format");
            json.writeStringProperty("voice", settings.voice());
            json.writeEndObject();
        }
        json.writeEndObject();
        if (!transcription) {
            json.writeStringProperty("model", settings.model());
            modalities(json, "output_modalities", "audio");
            behaviour(json, request);
            json.writeNumberProperty("max_output_tokens", settings.maxOutputTokens());
            json.writeNullProperty("tracing"); // what is traced at the provider is kept there
        }
    }

    private void betaSession(JsonGenerator json, ChatRequest request, boolean transcription) {
        String format = settings.format() == Format.PCMU ? "g711_ulaw" : "pcm16";
        json.writeStringProperty("input_audio_format", format);
        transcription(json, "input_audio_transcription");
        detection(json, transcription);
        if (!transcription) {
            modalities(json, "modalities", "audio", "text");
            json.writeStringProperty("output_audio_format", format);
            json.writeStringProperty("voice", settings.voice());
            behaviour(json, request);
            json.writeNumberProperty("max_response_output_tokens", settings.maxOutputTokens());
        }
    }

    private static void modalities(JsonGenerator json, String name, String... modalities) {
        json.writeArrayPropertyStart(name);
        for (String modality : modalities) {
            json.writeString(modality);
        }
        json.writeEndArray();
    }

    private void format(JsonGenerator json, String name) {
        json.writeObjectPropertyStart(name);
        switch (settings.format()) {
            case PCMU -> json.writeStringProperty("type", "audio/pcmu");
            case PCM_24K -> {
                json.writeStringProperty("type", "audio/pcm");
                json.writeNumberProperty("rate", WIDE_RATE_HERTZ);
            }
        }
        json.writeEndObject();
    }

    private void transcription(JsonGenerator json, String name) {
        json.writeObjectPropertyStart(name);
        json.writeStringProperty("model", settings.transcriptionModel());
        if (!settings.language().isEmpty()) {
            json.writeStringProperty("language", settings.language());
        }
        json.writeEndObject();
    }

    private void detection(JsonGenerator json, boolean transcription) {
        var detection = settings.detection();
        json.writeObjectPropertyStart("turn_detection");
        json.writeStringProperty("type", "server_vad");
        json.writeNumberProperty("threshold", detection.threshold());
        json.writeNumberProperty("prefix_padding_ms", detection.prefix().toMillis());
        json.writeNumberProperty("silence_duration_ms", detection.silence().toMillis());
        if (!transcription) {
            json.writeBooleanProperty("create_response", false);
            json.writeBooleanProperty("interrupt_response", true);
        }
        json.writeEndObject();
    }

    private static void behaviour(JsonGenerator json, ChatRequest request) {
        json.writeStringProperty("instructions", request.instructions().reveal());
        json.writeArrayPropertyStart("tools");
        for (var tool : request.tools()) {
            json.writeStartObject();
            json.writeStringProperty("type", "function");
            json.writeStringProperty("name", tool.name());
            json.writeStringProperty("description", tool.description());
            json.writeName("parameters");
            json.writeRawValue(tool.parameters());
            json.writeEndObject();
        }
        json.writeEndArray();
        json.writeStringProperty("tool_choice", "auto");
    }

    String append(String eventId, byte[] audio) {
        return event(
                "input_audio_buffer.append",
                eventId,
                json -> json.writeStringProperty("audio", Base64.getEncoder().encodeToString(audio)));
    }

    String commit(String eventId) {
        return event("input_audio_buffer.commit", eventId, _ -> {});
    }

    String clear(String eventId) {
        return event("input_audio_buffer.clear", eventId, _ -> {});
    }

    String clearOutput(String eventId) {
        return event("output_audio_buffer.clear", eventId, _ -> {});
    }

    /// @param after the item that it follows; "" for the end of the conversation
    String userItem(String eventId, String after, String text) {
        return create(eventId, after, json -> said(json, "user", "input_text", text));
    }

    String agentItem(String eventId, String after, String text) {
        return create(eventId, after, json -> said(json, "assistant", beta ? "text" : "output_text", text));
    }

    private static void said(JsonGenerator json, String role, String kind, String text) {
        json.writeStringProperty("type", "message");
        json.writeStringProperty("role", role);
        json.writeArrayPropertyStart("content");
        json.writeStartObject();
        json.writeStringProperty("type", kind);
        json.writeStringProperty("text", text);
        json.writeEndObject();
        json.writeEndArray();
    }

    String callItem(String eventId, String after, String callId, String name, String arguments) {
        return create(eventId, after, json -> {
            json.writeStringProperty("type", "function_call");
            json.writeStringProperty("call_id", callId);
            json.writeStringProperty("name", name);
            json.writeStringProperty("arguments", arguments);
        });
    }

    String resultItem(String eventId, String after, String callId, String result) {
        return create(eventId, after, json -> {
            json.writeStringProperty("type", "function_call_output");
            json.writeStringProperty("call_id", callId);
            json.writeStringProperty("output", result);
        });
    }

    private static String create(String eventId, String after, Consumer<JsonGenerator> item) {
        return event("conversation.item.create", eventId, json -> {
            if (!after.isEmpty()) {
                json.writeStringProperty("previous_item_id", after);
            }
            json.writeObjectPropertyStart("item");
            item.accept(json);
            json.writeEndObject();
        });
    }

    String delete(String eventId, String itemId) {
        return event("conversation.item.delete", eventId, json -> json.writeStringProperty("item_id", itemId));
    }

    String retrieve(String eventId, String itemId) {
        return event("conversation.item.retrieve", eventId, json -> json.writeStringProperty("item_id", itemId));
    }

    String truncate(String eventId, String itemId, int contentIndex, Duration heard) {
        return event("conversation.item.truncate", eventId, json -> {
            json.writeStringProperty("item_id", itemId);
            json.writeNumberProperty("content_index", contentIndex);
            json.writeNumberProperty("audio_end_ms", heard.toMillis());
        });
    }

    String respond(String eventId) {
        return event("response.create", eventId, _ -> {});
    }

    String cancel(String eventId, String responseId) {
        return event("response.cancel", eventId, json -> json.writeStringProperty("response_id", responseId));
    }
}
