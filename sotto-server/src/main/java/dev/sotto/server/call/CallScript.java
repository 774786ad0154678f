package dev.sotto.server.call;

import java.io.PrintWriter;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/// A call on paper: one line a turn, what is protected as a pill such as `[DATE OF BIRTH]`. What comes from the
/// other side is printed without control characters. Thread-safe.
final class CallScript {
    private static final String INVERSE = "\u001b[7m";
    private static final String FAINT = "\u001b[2m";
    private static final String NORMAL = "\u001b[0m";
    private static final double MILLIS = 1_000.0;

    private final PrintWriter out;
    private final boolean colour;
    private int printed;

    /// @param colour whether `out` is a terminal that knows ANSI sequences
    CallScript(PrintWriter out, boolean colour) {
        this.out = out;
        this.colour = colour;
    }

    /// How many turns are on paper.
    synchronized int printed() {
        return printed;
    }

    /// Prints the turns that are not on paper yet, and gives them.
    synchronized List<NodeApi.Turn> print(List<NodeApi.Turn> turns) {
        List<NodeApi.Turn> fresh =
                turns.stream().filter(turn -> turn.ordinal() > printed).toList();
        for (NodeApi.Turn turn : fresh) {
            line(turn.atMillis(), speaker(turn), text(turn));
            printed = turn.ordinal();
        }
        out.flush();
        return fresh;
    }

    /// A line that is not from a turn.
    synchronized void note(String text) {
        out.println(plain(text));
        out.flush();
    }

    private void line(long atMillis, String who, String text) {
        out.println(String.format(Locale.ROOT, "%8.1f s  %-6s  %s", atMillis / MILLIS, who, text));
    }

    private static String speaker(NodeApi.Turn turn) {
        return turn.kind().equals("tool") ? "tool" : plain(turn.speaker());
    }

    private String text(NodeApi.Turn turn) {
        String words = turn.parts().stream().map(this::part).collect(Collectors.joining());
        return switch (turn.kind()) {
            case "keypad" -> words.startsWith("pressed") ? words : "keyed " + words;
            case "tool" -> words + faint(" · %d ms".formatted(turn.lengthMillis()));
            default -> words + faint(String.format(Locale.ROOT, " · %.1f s", turn.lengthMillis() / MILLIS));
        };
    }

    private String part(NodeApi.Part part) {
        String label = part.label();
        String text = part.text();
        if (label != null) {
            String pill = "[" + plain(label) + "]";
            return colour ? INVERSE + pill + NORMAL : pill;
        }
        return text == null ? "" : plain(text);
    }

    private String faint(String text) {
        return colour ? FAINT + text + NORMAL : text;
    }

    /// Without what could steer a terminal.
    static String plain(String text) {
        return text.codePoints()
                .filter(c -> !Character.isISOControl(c) && Character.getType(c) != Character.FORMAT)
                .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append)
                .toString();
    }
}
