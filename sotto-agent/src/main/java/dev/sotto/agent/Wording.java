package dev.sotto.agent;

import dev.sotto.core.SensitiveText;
import dev.sotto.store.TurnText;
import dev.sotto.store.TurnText.Part;
import java.time.Duration;
import java.util.ArrayList;

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
