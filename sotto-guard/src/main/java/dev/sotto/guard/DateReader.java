package dev.sotto.guard;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Finds calendar dates, written or said. One pass with bounded look-ahead.
final class DateReader {
    private static final int CHECK_EVERY = 512;
    private static final Map<String, Integer> MONTHS = Map.ofEntries(
            Map.entry("january", 1),
            Map.entry("february", 2),
            Map.entry("march", 3),
            Map.entry("april", 4),
            Map.entry("may", 5),
            Map.entry("june", 6),
            Map.entry("july", 7),
            Map.entry("august", 8),
            Map.entry("september", 9),
            Map.entry("october", 10),
            Map.entry("november", 11),
            Map.entry("december", 12),
            Map.entry("jan", 1),
            Map.entry("feb", 2),
            Map.entry("mar", 3),
            Map.entry("apr", 4),
            Map.entry("jun", 6),
            Map.entry("jul", 7),
            Map.entry("aug", 8),
            Map.entry("sep", 9),
            Map.entry("sept", 9),
            Map.entry("oct", 10),
            Map.entry("nov", 11),
            Map.entry("dec", 12));
    /// Months that are words of their own: a bare number behind them proves nothing.
    private static final Set<String> DOUBTFUL = Set.of("may", "march", "mar", "sep", "dec");

    private static final Set<String> BEFORE_SHORT = Set.of("on", "by", "since", "until", "before", "after", "dated");

    private final List<Token> tokens;

    private DateReader(List<Token> tokens) {
        this.tokens = tokens;
    }

    static List<DateSpan> read(List<Token> tokens, Deadline deadline) {
        var reader = new DateReader(tokens);
        var found = new ArrayList<DateSpan>();
        int at = 0;
        for (int turns = 1; at < tokens.size(); turns++) {
            @Nullable DateSpan date = reader.at(at);
            if (date != null) {
                found.add(date);
            }
            at = date == null ? at + 1 : date.last() + 1;
            if (turns % CHECK_EVERY == 0) {
                deadline.check();
            }
        }
        return List.copyOf(found);
    }

    private @Nullable DateSpan at(int index) {
        Token first = tokens.get(index);
        if (first.isWord()) {
            int month = MONTHS.getOrDefault(first.text(), 0);
            return month == 0 ? null : monthFirst(index, month);
        }
        if (!first.isNumber()) {
            return null;
        }
        @Nullable DateSpan date = dayFirst(index);
        return date != null ? date : numeric(index);
    }

    private @Nullable Token token(int index) {
        return index < tokens.size() ? tokens.get(index) : null;
    }

    private boolean mark(int index, char mark) {
        @Nullable Token token = token(index);
        return token != null && token.isMark(mark);
    }

    private boolean word(int index, String word) {
        @Nullable Token token = token(index);
        return token != null && token.isWord(word);
    }

    private int value(int index) {
        @Nullable Token token = token(index);
        return token == null ? -1 : token.value();
    }

    private boolean ordinal(int index) {
        @Nullable Token token = token(index);
        return token != null && token.kind() == Token.Kind.ORDINAL;
    }

    /// "march fourteenth nineteen eighty four", "March 14, 1984", "march 1984".
    private @Nullable DateSpan monthFirst(int index, int month) {
        int at = mark(index + 1, '.') ? index + 2 : index + 1;
        if (word(at, "the")) {
            at++;
        }
        int day = dayValue(at);
        Year alone = year(at, true);
        boolean twoPart = alone.last() > at && year(at + 1, false).value() == 0;
        if (alone.value() > 0 && (day < 0 || twoPart)) {
            return new DateSpan(index, alone.last(), alone.value(), month, 0);
        }
        if (day < 0 || !DateSpan.isValid(0, month, day)) {
            return null;
        }
        int last = dayEnd(at);
        Year year = year(afterComma(last + 1), ordinal(last) || spoken(last));
        boolean sure = ordinal(last)
                || year.value() > 0
                || !DOUBTFUL.contains(tokens.get(index).text())
                || tokens.get(index).kind() == Token.Kind.NAME_WORD;
        if (!sure) {
            return null;
        }
        if (year.value() > 0 && DateSpan.isValid(year.value(), month, day)) {
            return new DateSpan(index, year.last(), year.value(), month, day);
        }
        return new DateSpan(index, last, 0, month, day);
    }

    /// A day of 1 to 31 at this token, also as "oh five" and "zero five"; -1 if there is none.
    private int dayValue(int index) {
        @Nullable Token token = token(index);
        if (token == null || !token.isNumber() || token.text().length() > 2) {
            return -1;
        }
        int day = token.value();
        if (day == 0 && token.text().length() == 1) {
            day = dayEnd(index) > index ? value(index + 1) : 0;
        }
        return day >= 1 && day <= 31 ? day : -1;
    }

    private int dayEnd(int index) {
        boolean zero = value(index) == 0 && tokens.get(index).text().length() == 1;
        int next = value(index + 1);
        return zero && next >= 1 && next <= 9 ? index + 1 : index;
    }

    private int afterComma(int index) {
        if (mark(index, ',') || word(index, "of") || word(index, "in")) {
            return index + 1;
        }
        return index;
    }

    /// "fourteenth of march 1984", "14 March 1984", "14-Mar-84".
    private @Nullable DateSpan dayFirst(int index) {
        int day = dayValue(index);
        if (day < 0) {
            return null;
        }
        int dayEnd = dayEnd(index);
        int at = dayEnd + 1;
        boolean of = word(at, "of");
        if (of || mark(at, '-') || mark(at, '.') || mark(at, '/')) {
            at++;
        }
        @Nullable Token monthToken = token(at);
        if (monthToken == null || !monthToken.isWord()) {
            return null;
        }
        int month = MONTHS.getOrDefault(monthToken.text(), 0);
        if (month == 0 || !DateSpan.isValid(0, month, day)) {
            return null;
        }
        int yearAt = at + 1;
        while (yearAt < at + 3 && (mark(yearAt, '-') || mark(yearAt, '.') || mark(yearAt, ',') || mark(yearAt, '/'))) {
            yearAt++;
        }
        Year year = year(yearAt, of || ordinal(dayEnd) || yearAt > at + 1);
        if (year.value() > 0 && DateSpan.isValid(year.value(), month, day)) {
            return new DateSpan(index, year.last(), year.value(), month, day);
        }
        boolean sure = of || ordinal(dayEnd) || !DOUBTFUL.contains(monthToken.text());
        return sure ? new DateSpan(index, at, 0, month, day) : null;
    }

    /// A year from its first token on: `1984`, "nineteen eighty four", "nineteen oh five", "two thousand five", `'84`.
    private record Year(int value, int last) {
        static final Year NONE = new Year(0, -1);
    }

    private Year year(int index, boolean twoDigitsToo) {
        int at = mark(index, '\'') || mark(index, '\u2019') ? index + 1 : index;
        @Nullable Token first = token(at);
        if (first == null || !first.isNumber() || first.kind() == Token.Kind.ORDINAL) {
            return Year.NONE;
        }
        if (first.text().length() == 4 && DateSpan.isYear(first.value())) {
            return new Year(first.value(), at);
        }
        if (first.text().length() != 2) {
            return Year.NONE;
        }
        int century = first.value();
        @Nullable Token second = token(at + 1);
        boolean isCentury = century >= 18 && century <= 20 && second != null && second.isNumber();
        if (isCentury && second != null && second.text().length() == 2 && !mark(at + 1, ',')) {
            return new Year(century * 100 + second.value(), at + 1);
        }
        if (isCentury && value(at + 1) == 0 && value(at + 2) >= 0 && value(at + 2) <= 9) {
            return new Year(century * 100 + value(at + 2), at + 2);
        }
        boolean alone = twoDigitsToo && !isTime(at + 1);
        return alone || at > index ? new Year(DateSpan.fullYear(century), at) : Year.NONE;
    }

    /// Whether what stands here makes the number before it a time of day.
    private boolean isTime(int index) {
        return mark(index, ':') || word(index, "am") || word(index, "pm") || word(index, "o'clock");
    }

    private boolean spoken(int index) {
        @Nullable Token token = token(index);
        return token != null && token.kind() == Token.Kind.SPOKEN;
    }

    /// `3/14/1984`, `14.03.1984`, `1984-03-14`, and `on 3/14`.
    private @Nullable DateSpan numeric(int index) {
        @Nullable Token separator = token(index + 1);
        if (separator == null
                || separator.gap()
                || !(separator.isMark('/') || separator.isMark('-') || separator.isMark('.'))
                || joined(index)) {
            return null;
        }
        char mark = separator.text().charAt(0);
        if (written(index + 2) && mark(index + 3, mark) && written(index + 4) && !goesOn(index + 5)) {
            return threeParts(index);
        }
        boolean announced =
                index > 0 && BEFORE_SHORT.contains(tokens.get(index - 1).text());
        int month = value(index);
        int day = value(index + 2);
        boolean isShort = mark == '/' && written(index + 2) && !mark(index + 3, '/') && announced;
        boolean fits = isShort && tokens.get(index + 2).text().length() <= 2;
        return fits && month > 0 && day > 0 && DateSpan.isValid(0, month, day)
                ? new DateSpan(index, index + 2, 0, month, day)
                : null;
    }

    /// Whether this token hangs on the one before it, so that no date begins here.
    private boolean joined(int index) {
        if (index == 0 || index >= tokens.size() || tokens.get(index).gap()) {
            return false;
        }
        Token before = tokens.get(index - 1);
        return before.isNumber() || before.isWord() || before.isMark('-') || before.isMark('/');
    }

    /// Whether this token makes what stands before it longer than a date.
    private boolean goesOn(int index) {
        @Nullable Token token = token(index);
        return token != null
                && !token.gap()
                && !token.isWord("t") // the time of a time stamp
                && (token.isNumber() || token.isWord() || token.isMark('-') || token.isMark('/'));
    }

    private boolean written(int index) {
        @Nullable Token token = token(index);
        return token != null && token.kind() == Token.Kind.WRITTEN && !token.gap();
    }

    private @Nullable DateSpan threeParts(int index) {
        String a = tokens.get(index).text();
        String b = tokens.get(index + 2).text();
        String c = tokens.get(index + 4).text();
        if (b.length() > 2) {
            return null;
        }
        int last = index + 4;
        if (a.length() == 4 && c.length() <= 2) {
            return valid(index, last, value(index), value(index + 2), value(last));
        }
        if (a.length() > 2 || (c.length() != 2 && c.length() != 4)) {
            return null;
        }
        int year = c.length() == 4 ? value(last) : DateSpan.fullYear(value(last));
        @Nullable DateSpan american = valid(index, last, year, value(index), value(index + 2));
        return american != null ? american : valid(index, last, year, value(index + 2), value(index));
    }

    private static @Nullable DateSpan valid(int first, int last, int year, int month, int day) {
        return month > 0 && day > 0 && DateSpan.isValid(year, month, day)
                ? new DateSpan(first, last, year, month, day)
                : null;
    }
}
