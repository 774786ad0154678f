package dev.sotto.guard;

import static dev.sotto.guard.Token.Kind.ORDINAL;
import static dev.sotto.guard.Token.Kind.SPELLED;
import static dev.sotto.guard.Token.Kind.SPOKEN;

import java.util.ArrayList;
import java.util.List;

/// Turns spoken numbers and spelled letters into the tokens they stand for. Each token keeps the span of the words it
/// came from, so that whatever is found in the normal form is known in the original exactly. One pass with bounded
/// look-ahead.
final class Normaliser {
    private static final int MAX_SPELLED = 64;
    private static final int CHECK_EVERY = 512;

    private final List<Token> raw;
    private final List<Token> normal = new ArrayList<>();
    private int at;

    private Normaliser(List<Token> raw) {
        this.raw = raw;
    }

    static List<Token> normalise(String text, Deadline deadline) {
        var normaliser = new Normaliser(Tokenizer.cut(text, deadline));
        for (int turns = 1; normaliser.at < normaliser.raw.size(); turns++) {
            normaliser.step();
            if (turns % CHECK_EVERY == 0) {
                deadline.check();
            }
        }
        return List.copyOf(normaliser.normal);
    }

    private void step() {
        if (!repeated() && !spoken() && !scaledWritten() && !spelled()) {
            normal.add(raw.get(at));
            at++;
        }
    }

    private String word(int index) {
        return index < raw.size() && raw.get(index).isWord() ? raw.get(index).text() : "";
    }

    /// The index of the next word of a compound: directly behind, or behind one hyphen.
    private int next(int index) {
        boolean hyphen = index + 1 < raw.size() && raw.get(index + 1).isMark('-');
        return hyphen ? index + 2 : index + 1;
    }

    private void emit(Token.Kind kind, String digits, int end) {
        Token first = raw.get(at);
        normal.add(new Token(kind, digits, first.start(), raw.get(end - 1).end(), first.gap()));
        at = end;
    }

    /// "double five", "triple 0".
    private boolean repeated() {
        int times = NumberWords.repeat(word(at));
        int digitAt = at + 1;
        if (times == 0 || digitAt >= raw.size()) {
            return false;
        }
        Token next = raw.get(digitAt);
        int digit = NumberWords.digit(word(digitAt));
        if (digit < 0 && next.isNumber() && next.text().length() == 1) {
            digit = next.value();
        }
        if (digit < 0) {
            return false;
        }
        emit(SPOKEN, Integer.toString(digit).repeat(times), digitAt + 1);
        return true;
    }

    private boolean spoken() {
        String first = word(at);
        if (first.isEmpty()) {
            return false;
        }
        int ordinal = NumberWords.ordinal(first);
        if (ordinal > 0) {
            emit(ORDINAL, Integer.toString(ordinal), at + 1);
            return true;
        }
        if (NumberWords.isOh(first)) {
            if (!besideNumber()) {
                return false;
            }
            emit(SPOKEN, "0", at + 1);
            return true;
        }
        return cardinal(first);
    }

    private boolean besideNumber() {
        boolean after = at + 1 < raw.size()
                && (raw.get(at + 1).isNumber() || NumberWords.isNumber(word(at + 1)))
                && !NumberWords.isOh(word(at + 1));
        boolean before = !normal.isEmpty() && normal.getLast().isNumber();
        return after || before;
    }

    private boolean cardinal(String first) {
        int value = NumberWords.digit(first);
        int end = at + 1;
        if (value < 0) {
            value = NumberWords.teen(first);
        }
        if (value < 0) {
            int tens = NumberWords.tens(first);
            if (tens < 0) {
                return false;
            }
            value = tens;
            int unitAt = next(at);
            int unit = NumberWords.digit(word(unitAt));
            if (unit > 0 && NumberWords.scale(word(unitAt + 1)) != 100) {
                value += unit;
                end = unitAt + 1;
            } else {
                int ordinal = NumberWords.ordinal(word(unitAt));
                if (ordinal > 0 && ordinal < 10) {
                    emit(ORDINAL, Integer.toString(tens + ordinal), unitAt + 1);
                    return true;
                }
            }
        }
        scaled(value, end, Integer.toString(value));
        return true;
    }

    /// "8 hundred", "5 thousand".
    private boolean scaledWritten() {
        Token first = raw.get(at);
        if (!first.isNumber() || first.text().length() > 2 || NumberWords.scale(word(at + 1)) < 0) {
            return false;
        }
        scaled(first.value(), at + 1, first.text());
        return true;
    }

    /// Takes "hundred" and "thousand" and what belongs to them, if they follow.
    private void scaled(int value, int end, String plain) {
        int scale = NumberWords.scale(word(end));
        if (scale < 0 || value == 0) {
            emit(SPOKEN, plain, end);
            return;
        }
        int total = value * scale;
        int after = end + 1;
        boolean joined = word(after).equals("and");
        int restAt = joined ? after + 1 : after;
        int rest = small(restAt);
        int restEnd = restAt + smallLength(restAt);
        // "eight hundred five five five" is a number read out, "one hundred five" is a number.
        boolean belongs = rest > 0 && (joined || !NumberWords.isNumber(word(restEnd)));
        if (belongs) {
            total += rest;
            after = restEnd;
        }
        emit(SPOKEN, Integer.toString(total), after);
    }

    /// 1 to 99 from words, or 0.
    private int small(int index) {
        String first = word(index);
        if (NumberWords.isOh(first)) {
            return 0;
        }
        int value = Math.max(NumberWords.digit(first), NumberWords.teen(first));
        if (value >= 0) {
            return value;
        }
        int tens = NumberWords.tens(first);
        if (tens < 0) {
            return 0;
        }
        return tens + Math.max(0, NumberWords.digit(word(next(index))));
    }

    private int smallLength(int index) {
        boolean compound = NumberWords.tens(word(index)) > 0 && NumberWords.digit(word(next(index))) > 0;
        return compound ? next(index) + 1 - index : 1;
    }

    /// "m r n", "J-O-H-N", "d.o.b.": two or more single letters become one word.
    private boolean spelled() {
        if (!letter(at)) {
            return false;
        }
        var letters = new StringBuilder(word(at));
        int end = at + 1;
        while (letters.length() < MAX_SPELLED) {
            int next = end;
            if (next < raw.size()
                    && (raw.get(next).isMark('-') || raw.get(next).isMark('.'))
                    && !raw.get(next).gap()) {
                next++;
            }
            if (!letter(next)) {
                break;
            }
            letters.append(word(next));
            end = next + 1;
        }
        if (letters.length() < 2) {
            return false;
        }
        emit(SPELLED, letters.toString(), end);
        return true;
    }

    private boolean letter(int index) {
        return word(index).length() == 1;
    }
}
