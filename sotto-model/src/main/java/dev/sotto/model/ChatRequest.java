package dev.sotto.model;

import dev.sotto.core.SensitiveText;
import java.util.List;

/// What may be sent to a model: made by [ChatDraft#allowed] only. Immutable.
public final class ChatRequest {
    private final SensitiveText instructions;
    private final List<Message> messages;
    private final List<ToolSpec> tools;
    private final String rule;

    ChatRequest(SensitiveText instructions, List<Message> messages, List<ToolSpec> tools, String rule) {
        this.instructions = instructions;
        this.messages = messages;
        this.tools = tools;
        this.rule = rule;
    }

    public SensitiveText instructions() {
        return instructions;
    }

    /// The conversation as it may be told, oldest first.
    public List<Message> messages() {
        return messages;
    }

    public List<ToolSpec> tools() {
        return tools;
    }

    /// The rule that allowed it.
    public String rule() {
        return rule;
    }

    /// `name` if it is one of the tools declared, else [ToolCall#UNKNOWN_TOOL].
    String declared(String name) {
        return tools.stream().anyMatch(tool -> tool.name().equals(name)) ? name : ToolCall.UNKNOWN_TOOL;
    }

    @Override
    public String toString() {
        return "ChatRequest[messages=%d, tools=%d]".formatted(messages.size(), tools.size());
    }
}
