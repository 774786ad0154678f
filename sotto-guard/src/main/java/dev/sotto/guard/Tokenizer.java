package dev.sotto.guard;

import static dev.sotto.guard.Token.Kind.MARK;
import static dev.sotto.guard.Token.Kind.NAME_WORD;
import static dev.sotto.guard.Token.Kind.ORDINAL;
import static dev.sotto.guard.Token.Kind.WORD;
import static dev.sotto.guard.Token.Kind.WRITTEN;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/// Cuts a text into words, written numbers and marks. One pass, no look-back.
final class Tokenizer {
    private static final int CHECK_EVERY = 1_024;

    private final String text;
    private final Deadline deadline;
    private final List<Token> tokens = new ArrayList<>();
    private int at;
    private boolean gap;

    private Tokenizer(String text, Deadline deadline) {
        this.text = text;
        this.deadline = deadline;
    }

    static List<Token> cut(String text, Deadline deadline) {
        var tokenizer = new Tokenizer(text, deadline);
        tokenizer.run();
        return tokenizer.tokens;
    }

    private void run() {
        while (at < text.length()) {
            int point = text.codePointAt(at);
            if (Character.isWhitespace(point) || Character.isSpaceChar(point)) {
                gap = true;
                at += Character.charCount(point);
            } else if (ignorable(point)) {
                at += Character.charCount(point);
            } else if (Character.isDigit(point)) {
                number();
            } else if (Character.isLetter(point)) {
                word();
            } else if (point == '<' && Placeholder.endAt(text, at) > 0) {
                add(MARK, Placeholder.MARK, at, Placeholder.endAt(text, at));
            } else {
                add(MARK, text.substring(at, at + Character.charCount(point)), at, at + Character.charCount(point));
            }
        }
    }

    /// Characters that nobody sees and that would otherwise part a number in two.
    private static boolean ignorable(int point) {
        int type = Character.getType(point);
        return type == Character.FORMAT || type == Character.CONTROL || type == Character.NON_SPACING_MARK;
    }

    private void number() {
        int start = at;
        int end = at;
        var digits = new StringBuilder();
        while (at < text.length()) {
            int point = text.codePointAt(at);
            if (Character.isDigit(point)) {
                digits.append((char) ('0' + Character.digit(point, 10)));
                end = at + Character.charCount(point);
            } else if (!ignorable(point)) {
                break;
            }
            at += Character.charCount(point);
        }
        int suffix = ordinalSuffix(at);
        if (suffix > 0 && digits.length() <= 2) {
            add(ORDINAL, digits.toString(), start, at + suffix);
        } else {
            add(WRITTEN, digits.toString(), start, end);
        }
    }

    private int ordinalSuffix(int from) {
        if (from + 2 > text.length()
                || (from + 2 < text.length() && Character.isLetterOrDigit(text.charAt(from + 2)))) {
            return 0;
        }
        return switch (text.substring(from, from + 2).toLowerCase(Locale.ROOT)) {
            case "st", "nd", "rd", "th" -> 2;
            default -> 0;
        };
    }

    private void word() {
        int start = at;
        int end = at;
        var letters = new StringBuilder();
        while (at < text.length()) {
            int point = text.codePointAt(at);
            int width = Character.charCount(point);
            if (Character.isLetter(point)) {
                letters.appendCodePoint(Character.toLowerCase(point));
                end = at + width;
            } else if ((point == '\'' || point == 0x2019) && letterAt(at + width)) {
                letters.append('\'');
            } else if (!ignorable(point)) {
                break;
            }
            at += width;
        }
        boolean capital = Character.isUpperCase(text.codePointAt(start));
        add(capital ? NAME_WORD : WORD, letters.toString(), start, end);
    }

    private boolean letterAt(int index) {
        return index < text.length() && Character.isLetter(text.codePointAt(index));
    }

    private void add(Token.Kind kind, String normal, int start, int end) {
        tokens.add(new Token(kind, normal, start, end, gap));
        gap = false;
        at = Math.max(at, end);
        if (tokens.size() % CHECK_EVERY == 0) {
            deadline.check();
        }
    }
}
