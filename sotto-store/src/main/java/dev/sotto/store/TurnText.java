package dev.sotto.store;

import static java.util.Objects.requireNonNull;
import static java.util.stream.Collectors.joining;

import dev.sotto.core.SensitiveText;
import java.util.List;

/// What was said, keyed or done in a turn, in order. The whole is sealed; the redacted view is derived once opened.
public record TurnText(List<Part> parts) {
    private static final int MAX_PARTS = 256;

    public TurnText {
        parts = List.copyOf(parts);
        if (parts.size() > MAX_PARTS) {
            throw Fields.rejected("parts must be at most %d".formatted(MAX_PARTS));
        }
    }

    public static TurnText of(Part... parts) {
        return new TurnText(List.of(parts));
    }

    /// Text without any protected part.
    public static TurnText clear(String text) {
        return of(new Part.Clear(text));
    }

    /// The text with each protected part as `[LABEL]`.
    public String redacted() {
        return parts.stream()
                .map(part -> switch (part) {
                    case Part.Clear(String text) -> text;
                    case Part.Protected hidden -> "[" + hidden.label() + "]";
                })
                .collect(joining());
    }

    /// One stretch of a turn.
    public sealed interface Part {
        /// Words that identify nobody. Not to be printed where sealed content may not go, all the same.
        record Clear(String text) implements Part {
            public Clear {
                requireNonNull(text, "text");
            }
        }

        /// A protected value and the name shown in its place, such as `DATE OF BIRTH`.
        record Protected(String label, SensitiveText value) implements Part {
            public Protected {
                requireNonNull(label, "label");
                requireNonNull(value, "value");
            }
        }
    }
}
