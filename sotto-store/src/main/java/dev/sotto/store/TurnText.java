package dev.sotto.store;

import static java.util.Objects.requireNonNull;
import static java.util.stream.Collectors.joining;

import dev.sotto.core.RejectedException;
import dev.sotto.core.SensitiveText;
import java.util.List;
import java.util.OptionalInt;
import java.util.SortedMap;
import java.util.TreeMap;

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

    /// The protected parts, by their places.
    ///
    /// @param part which, from 0; all if empty
    /// @throws RejectedException if that part is not protected
    SortedMap<Integer, Part.Protected> reveal(OptionalInt part) {
        var revealed = new TreeMap<Integer, Part.Protected>();
        for (int i = 0; i < parts.size(); i++) {
            boolean asked = part.isEmpty() || part.getAsInt() == i;
            if (asked && parts.get(i) instanceof Part.Protected hidden) {
                revealed.put(i, hidden);
            }
        }
        if (part.isPresent() && revealed.isEmpty()) {
            throw Fields.rejected("part must be one that is protected");
        }
        return revealed;
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
