package dev.sotto.model;

import static java.util.Objects.requireNonNull;

import dev.sotto.core.EgressDoor.Verdict;
import dev.sotto.core.SensitiveText;
import java.util.List;

/// Words that would be given to a synthesizer if the guard allows it.
///
/// @param text 1 to [#MAX_CHARACTERS] UTF-16 code units
public record SpeechDraft(SensitiveText text) {
    /// What OpenAI's endpoint takes.
    public static final int MAX_CHARACTERS = 4_096;

    public SpeechDraft {
        requireNonNull(text, "text");
        if (text.isEmpty() || text.length() > MAX_CHARACTERS) {
            throw new IllegalArgumentException(
                    "text (%d characters) must be 1 to %d".formatted(text.length(), MAX_CHARACTERS));
        }
    }

    public List<SensitiveText> pieces() {
        return List.of(text);
    }

    /// The request as the guard allowed it.
    ///
    /// @throws IllegalArgumentException if the verdict is about another number of pieces
    public SpeechRequest allowed(Verdict.Allowed verdict) {
        return new SpeechRequest(ChatDraft.answering(1, verdict).next());
    }
}
