package dev.sotto.agent;

import dev.sotto.store.TurnText;
import dev.sotto.store.TurnText.Part;
import java.time.Duration;
import java.util.ArrayList;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// Puts the pieces of what a model says together again: one turn a sentence, as far as it was heard. Belongs to the
/// call loop's thread.
final class SentenceLog {
    /// What of a sentence was heard.
    ///
    /// @param whole false if it was cut off
    record Sentence(long number, TurnText text, Duration at, Duration length, boolean whole) {}

    /// How fast speech is, where a sentence was cut off and nobody knows how long the rest would have been.
    static final int CHARACTERS_PER_SECOND = 14;

    /// One less than a turn may have: the note of the cut is one too.
    private static final int MOST_PARTS = 255;

    private static final String CUT_OFF = " [cut off]";

    private final Consumer<Sentence> done;
    private @Nullable Spoken current;
    private Duration at = Duration.ZERO;
    private Duration length = Duration.ZERO;

    SentenceLog(Consumer<Sentence> done) {
        this.done = done;
    }

    void heard(Spoken piece, Playback.Heard heard) {
        if (current != null && current.sentence() != piece.sentence()) {
            cut();
        }
        if (current == null) {
            at = heard.at();
            length = Duration.ZERO;
        }
        current = piece;
        length = length.plus(heard.length());
        if (!heard.whole()) {
            cut();
        } else if (piece.last()) {
            var sentence = new Sentence(piece.sentence(), piece.text(), at, length, true);
            current = null;
            done.accept(sentence);
        }
    }

    /// Nothing more of the sentence will be heard.
    void cut() {
        if (current != null) {
            var sentence = new Sentence(
                    current.sentence(),
                    beginning(current.text(), length.toMillis() * CHARACTERS_PER_SECOND / 1_000),
                    at,
                    length,
                    false);
            current = null;
            done.accept(sentence);
        }
    }

    /// About so many characters, up to the end of a word; a protected part is there whole or not at all.
    static TurnText beginning(TurnText text, long characters) {
        var parts = new ArrayList<Part>();
        long left = characters;
        for (Part part : text.parts()) {
            if (left <= 0 || parts.size() == MOST_PARTS) {
                break;
            }
            switch (part) {
                case Part.Clear(String clear) -> {
                    parts.add(new Part.Clear(clear.substring(0, wordEnd(clear, left))));
                    left -= clear.length();
                }
                case Part.Protected hidden -> {
                    parts.add(hidden);
                    left -= hidden.value().length();
                }
            }
        }
        parts.add(new Part.Clear(CUT_OFF));
        return new TurnText(parts);
    }

    private static int wordEnd(String text, long wanted) {
        int end = (int) Math.min(wanted, text.length());
        while (end < text.length() && !Character.isWhitespace(text.charAt(end))) {
            end++;
        }
        return end;
    }
}
