package dev.sotto.simulator;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/// A request for a chat completion, as far as a scene needs it. Immutable.
///
/// @param key which call it belongs to, by `metadata.call` or `user`; empty if it says none
/// @param tools whether calls of tools are wanted
record ChatRequest(String model, String key, List<Message> messages, boolean stream, boolean usage, boolean tools) {
    private static final Pattern KEY = Pattern.compile("[A-Za-z0-9._:-]{1,128}");
    private static final int MAX_MESSAGES = 4_096;

    /// What one message means to a scene.
    sealed interface Message {
        /// Instructions.
        record Instructions(String text) implements Message {}

        /// The caller's words.
        record User(String text) implements Message {}

        /// What the model answered before.
        record Assistant() implements Message {}

        /// A tool's answer.
        record Tool(String callId, String content) implements Message {}
    }

    ChatRequest {
        messages = List.copyOf(messages);
    }

    /// Reads a body; `problem` says what is wrong with it.
    ///
    /// @param problem filled if nothing is given back
    static Optional<ChatRequest> read(String body, StringBuilder problem) {
        var read = Json.readObject(body);
        if (read.isEmpty()) {
            problem.append("the body is not a json object");
            return Optional.empty();
        }
        ObjectNode root = read.get();
        String model = Json.text(root, "model", "");
        JsonNode list = root.path("messages");
        if (model.isEmpty()) {
            problem.append("you must provide a model parameter");
            return Optional.empty();
        }
        if (!list.isArray() || list.isEmpty() || list.size() > MAX_MESSAGES) {
            problem.append("messages must be a list of 1 to %d".formatted(MAX_MESSAGES));
            return Optional.empty();
        }
        var messages = new ArrayList<Message>();
        for (JsonNode node : list) {
            var message = message(node);
            if (message.isEmpty()) {
                problem.append(
                        "messages[%d] has no known role, or lacks what its role needs".formatted(messages.size()));
                return Optional.empty();
            }
            messages.add(message.get());
        }
        return Optional.of(new ChatRequest(
                model,
                key(Json.text(root.path("metadata"), "call", Json.text(root, "user", ""))),
                messages,
                root.path("stream").asBoolean(false),
                root.path("stream_options").path("include_usage").asBoolean(false),
                !Json.text(root, "tool_choice", "").equals("none")));
    }

    private static Optional<Message> message(JsonNode node) {
        String text = content(node.path("content"));
        return switch (Json.text(node, "role", "")) {
            case "system", "developer" -> Optional.of(new Message.Instructions(text));
            case "user" -> Optional.of(new Message.User(text));
            case "assistant" -> Optional.of(new Message.Assistant());
            case "tool" ->
                node.path("tool_call_id").isString()
                        ? Optional.of(new Message.Tool(Json.text(node, "tool_call_id", ""), text))
                        : Optional.empty();
            default -> Optional.empty();
        };
    }

    /// Text, or the text parts of a list of parts.
    private static String content(JsonNode content) {
        if (content.isString()) {
            return content.stringValue();
        }
        var text = new StringBuilder();
        for (JsonNode part : content) {
            text.append(Json.text(part, "text", ""));
        }
        return text.toString();
    }

    /// A key that is fit to be one, else none.
    static String key(String given) {
        return KEY.matcher(given).matches() ? given : "";
    }

    /// The last message's words if it is the caller's or an instruction.
    String lastWords() {
        return switch (messages.getLast()) {
            case Message.User(String text) -> text;
            case Message.Instructions(String text) -> text;
            case Message.Assistant _, Message.Tool _ -> "";
        };
    }

    /// Goes through `run` as the conversation did.
    void replay(SceneRun run) {
        for (Message message : messages) {
            switch (message) {
                case Message.Instructions _ -> {}
                case Message.User(String text) -> run.heard(text);
                case Message.Assistant _ -> run.answered();
                case Message.Tool(String id, String content) -> run.result(id, content);
            }
        }
    }
}
