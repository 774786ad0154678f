package dev.sotto.model;

import java.io.ByteArrayOutputStream;
import java.util.HashMap;
import java.util.Map;
import tools.jackson.core.JsonGenerator;

/// Writes the body of `POST /chat/completions`. Whatever is not a piece that the guard allowed is a word of our own:
/// calls are numbered anew, and a tool that was not declared is written as [ToolCall#UNKNOWN_TOOL].
final class ChatWriter {
    private final ChatRequest request;
    private final String model;
    private final int maxTokens;
    private final Map<String, String> numbered = new HashMap<>();
    private int calls;

    private ChatWriter(ChatRequest request, String model, int maxTokens) {
        this.request = request;
        this.model = model;
        this.maxTokens = maxTokens;
    }

    static byte[] write(ChatRequest request, String model, int maxTokens) {
        return new ChatWriter(request, model, maxTokens).body();
    }

    private byte[] body() {
        var bytes = new ByteArrayOutputStream();
        try (var json = WireJson.MAPPER.createGenerator(bytes)) {
            json.writeStartObject();
            json.writeStringProperty("model", model);
            json.writeBooleanProperty("stream", true);
            json.writeObjectPropertyStart("stream_options");
            json.writeBooleanProperty("include_usage", true);
            json.writeEndObject();
            json.writeBooleanProperty("store", false);
            json.writeNumberProperty("max_completion_tokens", maxTokens);
            json.writeArrayPropertyStart("messages");
            message(json, "system", request.instructions().reveal());
            json.writeEndObject();
            request.messages().forEach(message -> message(json, message));
            json.writeEndArray();
            if (!request.tools().isEmpty()) {
                tools(json);
            }
            json.writeEndObject();
        }
        return bytes.toByteArray();
    }

    private static void message(JsonGenerator json, String role, String content) {
        json.writeStartObject();
        json.writeStringProperty("role", role);
        json.writeStringProperty("content", content);
    }

    private void message(JsonGenerator json, Message message) {
        switch (message) {
            case Message.Caller caller -> message(json, "user", caller.text().reveal());
            case Message.ToolResult result -> {
                message(json, "tool", result.result().reveal());
                json.writeStringProperty("tool_call_id", numbered.getOrDefault(result.callId(), "call_0"));
            }
            case Message.Agent agent -> agent(json, agent);
        }
        json.writeEndObject();
    }

    private void agent(JsonGenerator json, Message.Agent agent) {
        message(json, "assistant", agent.text().reveal());
        if (agent.calls().isEmpty()) {
            return;
        }
        json.writeArrayPropertyStart("tool_calls");
        for (var call : agent.calls()) {
            String id = "call_" + ++calls;
            numbered.put(call.id(), id);
            json.writeStartObject();
            json.writeStringProperty("id", id);
            json.writeStringProperty("type", "function");
            json.writeObjectPropertyStart("function");
            json.writeStringProperty("name", request.declared(call.name()));
            json.writeStringProperty("arguments", call.arguments().reveal());
            json.writeEndObject();
            json.writeEndObject();
        }
        json.writeEndArray();
    }

    private void tools(JsonGenerator json) {
        json.writeArrayPropertyStart("tools");
        for (var tool : request.tools()) {
            json.writeStartObject();
            json.writeStringProperty("type", "function");
            json.writeObjectPropertyStart("function");
            json.writeStringProperty("name", tool.name());
            json.writeStringProperty("description", tool.description());
            json.writeName("parameters");
            json.writeRawValue(tool.parameters());
            json.writeEndObject();
            json.writeEndObject();
        }
        json.writeEndArray();
        json.writeStringProperty("tool_choice", "auto");
        json.writeBooleanProperty("parallel_tool_calls", true);
    }
}
