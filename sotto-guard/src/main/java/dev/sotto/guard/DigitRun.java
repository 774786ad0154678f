package dev.sotto.guard;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/// Numbers that stand in a row and may be one: `415-555-0123`, "four one five, five five five".
///
/// @param first its first token
/// @param last its last token, inclusive
/// @param digits all its digits
/// @param groups how many digits each token has
/// @param separated whether hyphens or dots part its groups
/// @param spoken whether any of it was said in words
record DigitRun(int first, int last, String digits, List<Integer> groups, boolean separated, boolean spoken) {
    private static final int MAX_DIGITS = 64;
    private static final int CHECK_EVERY = 512;
    private static final Set<String> JOINERS = Set.of("dash", "hyphen", "dot", "uh", "um", "er", "hm", "then", "space");

    /// All runs outside the dates of a text, in order.
    static List<DigitRun> of(List<Token> tokens, List<DateSpan> dates, Deadline deadline) {
        var reader = new Reader(tokens, dates);
        var runs = new ArrayList<DigitRun>();
        int at = 0;
        for (int turns = 1; at < tokens.size(); turns++) {
            if (reader.startsAt(at)) {
                DigitRun run = reader.from(at);
                runs.add(run);
                at = run.last() + 1;
            } else {
                at++;
            }
            if (turns % CHECK_EVERY == 0) {
                deadline.check();
            }
        }
        return List.copyOf(runs);
    }

    /// Its numbers one by one.
    List<String> numbers() {
        var numbers = new ArrayList<String>(groups.size());
        int at = 0;
        for (int size : groups) {
            numbers.add(digits.substring(at, at + size));
            at += size;
        }
        return numbers;
    }

    boolean grouped(Integer... sizes) {
        return groups.equals(List.of(sizes));
    }

    @Override
    public String toString() {
        return "DigitRun[%d, %d]".formatted(first, last);
    }

    private static final class Reader {
        private final List<Token> tokens;
        private final boolean[] claimed;

        Reader(List<Token> tokens, List<DateSpan> dates) {
            this.tokens = tokens;
            claimed = new boolean[tokens.size()];
            for (DateSpan date : dates) {
                for (int i = date.first(); i <= date.last(); i++) {
                    claimed[i] = true;
                }
            }
        }

        boolean startsAt(int index) {
            return tokens.get(index).isNumber() && !claimed[index];
        }

        DigitRun from(int start) {
            var digits = new StringBuilder(tokens.get(start).text());
            var groups = new ArrayList<Integer>();
            groups.add(digits.length());
            boolean separated = false;
            boolean spoken = tokens.get(start).kind() != Token.Kind.WRITTEN;
            int last = start;
            while (digits.length() < MAX_DIGITS) {
                int next = continues(last);
                if (next < 0) {
                    break;
                }
                Token token = tokens.get(next);
                separated |= next > last + 1 && !tokens.get(last + 1).isMark(',');
                spoken |= token.kind() != Token.Kind.WRITTEN;
                digits.append(token.text());
                groups.add(token.text().length());
                last = next;
            }
            return new DigitRun(start, last, digits.toString(), List.copyOf(groups), separated, spoken);
        }

        /// The number that goes on after this one, over at most two joiners; -1 if none does.
        private int continues(int last) {
            int at = last + 1;
            for (int joiners = 0; at < tokens.size() && joiners <= 2; joiners++, at++) {
                Token token = tokens.get(at);
                if (token.isNumber()) {
                    return claimed[at] || token.kind() == Token.Kind.ORDINAL || parted(last, at) ? -1 : at;
                }
                if (!joins(token)) {
                    return -1;
                }
            }
            return -1;
        }

        private static boolean joins(Token token) {
            if (token.kind() == Token.Kind.MARK) {
                return switch (token.text()) {
                    case "-", ".", "(", ")", ",", "/", "\u2010", "\u2011", "\u2013", "\u2014", "\u2026" -> true;
                    default -> false;
                };
            }
            return JOINERS.contains(token.text());
        }

        /// A comma or full stop with white space behind it parts written numbers, unless both look like groups of one,
        /// or are
        /// single digits.
        private boolean parted(int last, int next) {
            Token before = tokens.get(last);
            Token after = tokens.get(next);
            boolean list = next > last + 1
                    && after.gap()
                    && (tokens.get(last + 1).isMark(',') || tokens.get(last + 1).isMark('.'));
            boolean written = before.kind() == Token.Kind.WRITTEN && after.kind() == Token.Kind.WRITTEN;
            boolean groups = before.text().length() >= 2 && after.text().length() >= 2;
            boolean digits = before.text().length() == 1 && after.text().length() == 1;
            return list && written && !groups && !digits;
        }
    }
}
