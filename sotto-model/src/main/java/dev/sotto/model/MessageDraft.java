package dev.sotto.model;

import static java.util.Objects.requireNonNull;

import dev.sotto.core.EgressDoor.Verdict;
import dev.sotto.core.SensitiveText;
import java.util.List;

/// One message that would be told to a running session if the guard allows it.
public record MessageDraft(Message message) {
    public MessageDraft {
        requireNonNull(message, "message");
    }

    public List<SensitiveText> pieces() {
        return message.pieces();
    }

    /// The message as the guard allowed it.
    ///
    /// @throws IllegalArgumentException if the verdict is about another number of pieces
    public AllowedMessage allowed(Verdict.Allowed verdict) {
        return new AllowedMessage(ChatDraft.guarded(message, ChatDraft.answering(pieces().size(), verdict)));
    }
}
