package dev.sotto.guard;

import java.time.DateTimeException;
import java.time.LocalDate;
import java.util.List;
import java.util.Optional;

/// A calendar date in a text.
///
/// @param first its first token
/// @param last its last token, inclusive
/// @param year 0 if it was not said
/// @param day 0 if it was not said
record DateSpan(int first, int last, int year, int month, int day) {
    private static final int FIRST_YEAR = 1890;
    private static final int LAST_YEAR = 2099;
    /// Two-digit years up to this one are of this century.
    private static final int PIVOT = 30;

    private static final int LEAP_YEAR = 2000;

    static boolean isYear(int value) {
        return value >= FIRST_YEAR && value <= LAST_YEAR;
    }

    static int fullYear(int twoDigits) {
        return twoDigits <= PIVOT ? 2000 + twoDigits : 1900 + twoDigits;
    }

    static boolean isValid(int year, int month, int day) {
        try {
            LocalDate.of(year == 0 ? LEAP_YEAR : year, month, day == 0 ? 1 : day);
            return year == 0 || isYear(year);
        } catch (DateTimeException impossible) {
            return false;
        }
    }

    /// As ISO 8601 writes it without hyphens: `19840314`, `--0314`, `1984-03`.
    String value() {
        if (year == 0) {
            return "--%02d%02d".formatted(month, day);
        }
        return day == 0 ? "%04d-%02d".formatted(year, month) : "%04d%02d%02d".formatted(year, month, day);
    }

    /// Reads a date from digits that were said in a row: `03141984`, `3141984`, `031484`, `19840314`.
    static Optional<String> valueOf(String digits) {
        return switch (digits.length()) {
            case 8 -> digits(digits, 4, 2, 2).or(() -> digits(digits, 0, 2, 4)).or(() -> digits(digits, 2, 0, 4));
            case 7 -> sevens(digits);
            case 6 -> digits(digits, 0, 2, -4).or(() -> digits(digits, 2, 0, -4));
            case 5 ->
                digits("0" + digits, 0, 2, -4)
                        .or(() -> digits(digits.substring(0, 2) + "0" + digits.substring(2), 0, 2, -4));
            case 4 -> isYear(Integer.parseInt(digits)) ? Optional.of(digits) : Optional.empty();
            default -> Optional.empty();
        };
    }

    /// Reads a date from numbers that were said one by one: month, day and year ("seven four seventy six", "oh seven oh
    /// four nineteen seventy six"), or all digits in a row.
    static Optional<String> valueOf(List<String> numbers) {
        int dayFrom = partEnd(numbers, 0);
        int yearFrom = partEnd(numbers, dayFrom);
        if (yearFrom < numbers.size()) {
            String year = String.join("", numbers.subList(yearFrom, numbers.size()));
            String first = pad(numbers.get(dayFrom - 1));
            String second = pad(numbers.get(yearFrom - 1));
            boolean whole = (year.length() == 2 || year.length() == 4) && first.length() == 2 && second.length() == 2;
            Optional<String> read = whole ? valueOf(first + second + year) : Optional.empty();
            if (read.isPresent()) {
                return read;
            }
        }
        return valueOf(String.join("", numbers));
    }

    /// The end of a month or day that begins here: one number, or a zero and a digit.
    private static int partEnd(List<String> numbers, int from) {
        boolean zero = from + 1 < numbers.size()
                && numbers.get(from).equals("0")
                && numbers.get(from + 1).length() == 1;
        return zero ? from + 2 : from + 1;
    }

    private static String pad(String number) {
        return number.length() == 1 ? "0" + number : number;
    }

    private static Optional<String> sevens(String digits) {
        String shortMonth = "0" + digits;
        String shortDay = digits.substring(0, 2) + "0" + digits.substring(2);
        return digits(shortMonth, 0, 2, 4).or(() -> digits(shortDay, 0, 2, 4));
    }

    /// The date whose month, day and year begin at these places; a negative place is that of a two-digit year. A month
    /// at 4 says that the year comes first.
    private static Optional<String> digits(String digits, int monthAt, int dayAt, int yearAt) {
        boolean yearFirst = monthAt == 4;
        int month = Integer.parseInt(digits.substring(monthAt, monthAt + 2));
        int dayFrom = yearFirst ? 6 : dayAt;
        int day = Integer.parseInt(digits.substring(dayFrom, dayFrom + 2));
        int yearFrom = yearFirst ? 0 : Math.abs(yearAt);
        int year = yearAt < 0
                ? fullYear(Integer.parseInt(digits.substring(yearFrom, yearFrom + 2)))
                : Integer.parseInt(digits.substring(yearFrom, yearFrom + 4));
        return isValid(year, month, day) ? Optional.of("%04d%02d%02d".formatted(year, month, day)) : Optional.empty();
    }
}
