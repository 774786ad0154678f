package dev.sotto.model;

import dev.sotto.core.EgressDoor.Verdict;
import dev.sotto.core.SensitiveText;
import java.util.ArrayList;
import java.util.List;

/// What is new in a running session before a response is asked for, as one act: its [#pieces()] go to the door, and the
/// door's answer makes each a message that may be told.
public record TurnDraft(List<Message> messages) {
    public TurnDraft {
        messages = List.copyOf(messages);
    }

    /// Every protected part, in the order that [#allowed] expects.
    public List<SensitiveText> pieces() {
        var pieces = new ArrayList<SensitiveText>();
        messages.forEach(message -> pieces.addAll(message.pieces()));
        return pieces;
    }

    /// The messages as the guard allowed them, in their order.
    ///
    /// @throws IllegalArgumentException if the verdict is about another number of pieces
    public List<AllowedMessage> allowed(Verdict.Allowed verdict) {
        var allowed = ChatDraft.answering(pieces().size(), verdict);
        return messages.stream()
                .map(message -> new AllowedMessage(ChatDraft.guarded(message, allowed)))
                .toList();
    }
}
