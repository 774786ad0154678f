package dev.sotto.model;

import static java.util.Objects.requireNonNull;

import dev.sotto.core.Disclosure;
import dev.sotto.core.EgressDoor.Verdict;
import dev.sotto.core.SensitiveText;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;

/// What would be sent to a model if the guard allows it. Its [#pieces()] go to the door; only the door's answer makes
/// it a [ChatRequest], which is what clients take.
///
/// ```java
/// switch (door.decide(new Disclosure(tenant, call, endpoint.destination(), TRANSCRIPT, purpose, draft.pieces()))) {
///     case Verdict.Allowed allowed -> model.answer(draft.allowed(allowed));
///     case Verdict.Denied denied -> refuse(denied.rule());
/// }
/// ```
///
/// @param messages the conversation so far, oldest first
public record ChatDraft(SensitiveText instructions, List<Message> messages, List<ToolSpec> tools) {
    /// Models take 128 tools at most.
    static final int MAX_TOOLS = 128;

    public ChatDraft {
        requireNonNull(instructions, "instructions");
        messages = List.copyOf(messages);
        tools = List.copyOf(tools);
        if (tools.size() > MAX_TOOLS) {
            throw new IllegalArgumentException("tools (%d) must be at most %d".formatted(tools.size(), MAX_TOOLS));
        }
        int pieces = 1;
        for (var message : messages) {
            pieces += message.pieces().size();
        }
        if (pieces > Disclosure.MAX_PIECES) {
            throw new IllegalArgumentException(
                    "pieces (%d) must be at most %d".formatted(pieces, Disclosure.MAX_PIECES));
        }
    }

    /// Every protected part, in the order that [#allowed] expects.
    public List<SensitiveText> pieces() {
        var pieces = new ArrayList<SensitiveText>();
        pieces.add(instructions);
        messages.forEach(message -> pieces.addAll(message.pieces()));
        return pieces;
    }

    /// The request as the guard allowed it.
    ///
    /// @throws IllegalArgumentException if the verdict is about another number of pieces
    public ChatRequest allowed(Verdict.Allowed verdict) {
        var allowed = answering(pieces().size(), verdict);
        var guarded = allowed.next();
        var conversation = new ArrayList<Message>(messages.size());
        messages.forEach(message -> conversation.add(guarded(message, allowed)));
        return new ChatRequest(guarded, List.copyOf(conversation), tools, verdict.rule());
    }

    /// The allowed pieces, if there are as many as were asked about.
    static Iterator<SensitiveText> answering(int asked, Verdict.Allowed verdict) {
        if (verdict.pieces().size() != asked) {
            throw new IllegalArgumentException("pieces of the verdict (%d) must be as many as were asked about (%d)"
                    .formatted(verdict.pieces().size(), asked));
        }
        return verdict.pieces().iterator();
    }

    /// The same entry with the next of `allowed` in place of its pieces.
    static Message guarded(Message message, Iterator<SensitiveText> allowed) {
        return switch (message) {
            case Message.Caller _ -> new Message.Caller(allowed.next());
            case Message.ToolResult result -> new Message.ToolResult(result.callId(), allowed.next());
            case Message.Agent agent -> {
                var text = allowed.next();
                var guarded = new ArrayList<ToolCall>(agent.calls().size());
                for (var call : agent.calls()) {
                    guarded.add(new ToolCall(call.id(), call.name(), allowed.next()));
                }
                yield new Message.Agent(text, guarded);
            }
        };
    }
}
