package dev.sotto.agent;

import dev.sotto.core.SensitiveText;
import dev.sotto.store.Turn;
import dev.sotto.store.TurnKind;
import dev.sotto.store.TurnText.Part;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.function.Predicate;

/// A call as a model may read it once it ended, before the guard looks at it: one line a turn. What nobody can look for
/// again, such as keys, is a label already. Bounded: of a long call the beginning and the end.
final class CallText {
    static final int MAX_CHARACTERS = 24_000;
    private static final int BEGINNING = MAX_CHARACTERS / 3;
    private static final String LEFT_OUT = "[part of the call is left out here]";
    private static final Comparator<Turn> IN_TIME =
            Comparator.comparing(Turn::at).thenComparingInt(Turn::ordinal);

    private CallText() {}

    /// @param findable whether the guard can find what has such a label again
    static SensitiveText of(List<Turn> turns, Predicate<String> findable) {
        List<String> lines =
                turns.stream().sorted(IN_TIME).map(turn -> line(turn, findable)).toList();
        return SensitiveText.of(String.join("\n", bounded(lines)));
    }

    private static String line(Turn turn, Predicate<String> findable) {
        var line = new StringBuilder(who(turn)).append(": ");
        for (Part part : turn.text().parts()) {
            switch (part) {
                case Part.Clear(String text) -> line.append(text);
                case Part.Protected(String label, SensitiveText value) -> {
                    boolean shown = turn.kind() != TurnKind.KEYPAD && findable.test(label);
                    line.append(shown ? value.reveal() : "[" + label + "]");
                }
            }
        }
        // A line break would let somebody speak in another's name.
        return line.toString().replaceAll("\\R", " ");
    }

    private static String who(Turn turn) {
        if (turn.kind() == TurnKind.TOOL) {
            return "Tool";
        }
        return switch (turn.speaker()) {
            case CALLER -> "Caller";
            case AGENT -> "Agent";
            case SYSTEM -> "System";
        };
    }

    private static List<String> bounded(List<String> lines) {
        if (lines.stream().mapToInt(line -> line.length() + 1).sum() <= MAX_CHARACTERS) {
            return lines;
        }
        var beginning = new ArrayList<String>();
        int room = fill(lines, beginning, BEGINNING);
        var end = new ArrayList<String>();
        fill(lines.reversed(), end, MAX_CHARACTERS - BEGINNING + room - LEFT_OUT.length() - 1);
        beginning.add(LEFT_OUT);
        beginning.addAll(end.reversed());
        return beginning;
    }

    /// Takes lines while there is room, and gives the room that is left.
    private static int fill(List<String> from, List<String> to, int room) {
        int left = room;
        for (String line : from) {
            if (line.length() + 1 > left) {
                break;
            }
            left -= line.length() + 1;
            to.add(line);
        }
        return left;
    }

    /// The values of a turn that the guard can look for again.
    static List<Part.Protected> findable(Turn turn, Predicate<String> findable) {
        return turn.text().parts().stream()
                .filter(Part.Protected.class::isInstance)
                .map(Part.Protected.class::cast)
                .filter(hidden -> turn.kind() != TurnKind.KEYPAD && findable.test(hidden.label()))
                .toList();
    }
}
