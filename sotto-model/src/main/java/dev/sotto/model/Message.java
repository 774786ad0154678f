package dev.sotto.model;

import static java.util.Objects.requireNonNull;

import dev.sotto.core.SensitiveText;
import java.util.ArrayList;
import java.util.List;

/// One entry of a conversation with a model.
public sealed interface Message {
    /// The protected parts, in a fixed order.
    List<SensitiveText> pieces();

    /// What the caller said or typed.
    record Caller(SensitiveText text) implements Message {
        public Caller {
            requireNonNull(text, "text");
        }

        @Override
        public List<SensitiveText> pieces() {
            return List.of(text);
        }
    }

    /// What the agent said and the tools it asked for; `text` is empty if it only asked.
    record Agent(SensitiveText text, List<ToolCall> calls) implements Message {
        public Agent {
            requireNonNull(text, "text");
            calls = List.copyOf(calls);
        }

        @Override
        public List<SensitiveText> pieces() {
            var pieces = new ArrayList<SensitiveText>(1 + calls.size());
            pieces.add(text);
            calls.forEach(call -> pieces.add(call.arguments()));
            return pieces;
        }
    }

    /// What a tool answered.
    ///
    /// @param callId the id of the [ToolCall]
    record ToolResult(String callId, SensitiveText result) implements Message {
        public ToolResult {
            ToolCall.requireId("callId", callId);
            requireNonNull(result, "result");
        }

        @Override
        public List<SensitiveText> pieces() {
            return List.of(result);
        }
    }
}
