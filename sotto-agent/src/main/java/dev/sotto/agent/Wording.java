package dev.sotto.agent;

import dev.sotto.core.SensitiveText;
import dev.sotto.store.TurnText;
import dev.sotto.store.TurnText.Part;
import java.time.Duration;
import java.util.ArrayList;
import java.util.function.UnaryOperator;

/// The text of a turn.
final class Wording {
    private Wording() {}

    private static final String CUT_OFF = " [cut off]";

    /// What was heard of a phrase: the parts that had begun, and a note where it was cut off.
    static TurnText of(Phrase phrase, Duration heard, Voice voice) {
        var parts = new ArrayList<Part>();
        var clear = new StringBuilder();
        var begins = Duration.ZERO;
        int begun = 0;
        for (Phrase.Part part : phrase.parts()) {
            if (begins.compareTo(heard) >= 0) {
                break;
            }
            begun++;
            switch (part) {
                case Phrase.Part.Prompt(String clip) -> append(clear, voice.text(clip), !parts.isEmpty());
                case Phrase.Part.Value(String label, SensitiveText text, var _) -> {
                    append(clear, "", !parts.isEmpty());
                    parts.add(new Part.Clear(clear.toString()));
                    clear.setLength(0);
                    parts.add(new Part.Protected(label, text));
                }
            }
            for (String clip : part.clips()) {
                begins = begins.plus(voice.duration(clip));
            }
        }
        end(clear, !parts.isEmpty());
        if (heard.compareTo(begins) < 0 || begun < phrase.parts().size()) {
            clear.append(CUT_OFF);
        }
        if (!clear.isEmpty()) {
            parts.add(new Part.Clear(clear.toString()));
        }
        return new TurnText(parts);
    }

    /// A whole phrase.
    ///
    /// @param texts what a clip says
    static TurnText whole(Phrase phrase, UnaryOperator<String> texts) {
        var parts = new ArrayList<Part>();
        var clear = new StringBuilder();
        for (Phrase.Part part : phrase.parts()) {
            switch (part) {
                case Phrase.Part.Prompt(String clip) -> {
                    String text = texts.apply(clip);
                    if (!text.isEmpty()) {
                        append(clear, text, !parts.isEmpty());
                    }
                }
                case Phrase.Part.Value(String label, SensitiveText text, var _) -> {
                    append(clear, "", !parts.isEmpty());
                    parts.add(new Part.Clear(clear.toString()));
                    clear.setLength(0);
                    parts.add(new Part.Protected(label, text));
                }
            }
        }
        end(clear, !parts.isEmpty());
        if (!clear.isEmpty()) {
            parts.add(new Part.Clear(clear.toString()));
        }
        return new TurnText(parts);
    }

    /// The words of a turn, as they are said.
    static SensitiveText full(TurnText text) {
        var all = new StringBuilder();
        for (Part part : text.parts()) {
            switch (part) {
                case Part.Clear(String clear) -> all.append(clear);
                case Part.Protected hidden -> all.append(hidden.value().reveal());
            }
        }
        return SensitiveText.of(all.toString());
    }

    /// Joins with a space, and ends a sentence where the next begins.
    private static void append(StringBuilder text, String next, boolean behindValue) {
        if (!next.isEmpty() && Character.isUpperCase(next.charAt(0))) {
            end(text, behindValue);
        }
        if (!text.isEmpty() || behindValue) {
            text.append(' ');
        }
        text.append(next);
    }

    private static void end(StringBuilder text, boolean behindValue) {
        if (text.isEmpty() ? behindValue : Character.isLetterOrDigit(text.charAt(text.length() - 1))) {
            text.append('.');
        }
    }

    /// Keys, in clear unless `label` says what they are about.
    static TurnText keys(String label, SensitiveText keys) {
        return label.isEmpty()
                ? TurnText.clear("pressed " + keys.reveal())
                : TurnText.of(new Part.Protected(label, keys));
    }
}
