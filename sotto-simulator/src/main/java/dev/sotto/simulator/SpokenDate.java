package dev.sotto.simulator;

import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.format.DateTimeParseException;
import java.time.format.TextStyle;
import java.util.Locale;

/// Dates, times and numbers as they are said. What cannot be read stays as it is: it may be a placeholder.
final class SpokenDate {
    private static final int NOON = 12;
    private static final int TEN = 10;
    private static final String[] SMALL = {
        "zero",
        "one",
        "two",
        "three",
        "four",
        "five",
        "six",
        "seven",
        "eight",
        "nine",
        "ten",
        "eleven",
        "twelve",
        "thirteen",
        "fourteen",
        "fifteen",
        "sixteen",
        "seventeen",
        "eighteen",
        "nineteen"
    };
    private static final String[] TENS = {"", "", "twenty", "thirty", "forty", "fifty"};
    private static final String[] ORDINALS = {
        "",
        "first",
        "second",
        "third",
        "fourth",
        "fifth",
        "sixth",
        "seventh",
        "eighth",
        "ninth",
        "tenth",
        "eleventh",
        "twelfth",
        "thirteenth",
        "fourteenth",
        "fifteenth",
        "sixteenth",
        "seventeenth",
        "eighteenth",
        "nineteenth"
    };
    private static final int TWENTY = 20;
    private static final int SIXTY = 60;

    private SpokenDate() {}

    /// `2026-11-24T10:30` and `2026-11-24` as "Tuesday, November twenty fourth".
    static String date(String iso) {
        try {
            int time = iso.indexOf('T');
            return date(LocalDate.parse(time < 0 ? iso : iso.substring(0, time)));
        } catch (DateTimeParseException other) {
            return iso;
        }
    }

    /// `2026-11-24T10:30` and `10:30` as "ten thirty A M".
    static String time(String iso) {
        try {
            return time(
                    iso.indexOf('T') < 0
                            ? LocalTime.parse(iso)
                            : LocalDateTime.parse(iso).toLocalTime());
        } catch (DateTimeParseException other) {
            return iso;
        }
    }

    static String date(LocalDate date) {
        return "%s, %s %s"
                .formatted(
                        date.getDayOfWeek().getDisplayName(TextStyle.FULL, Locale.ENGLISH),
                        date.getMonth().getDisplayName(TextStyle.FULL, Locale.ENGLISH),
                        ordinal(date.getDayOfMonth()));
    }

    static String time(LocalTime time) {
        int hour = time.getHour() % NOON;
        int minute = time.getMinute();
        String minutes = minute == 0 ? "o'clock" : minute < TEN ? "oh " + number(minute) : number(minute);
        return "%s %s %s".formatted(number(hour == 0 ? NOON : hour), minutes, time.getHour() < NOON ? "A M" : "P M");
    }

    /// @param number 0 to 59
    static String number(int number) {
        if (number < 0 || number >= SIXTY) {
            throw new IllegalArgumentException("number (%d) must be in 0 to 59".formatted(number));
        }
        if (number < TWENTY) {
            return SMALL[number];
        }
        return number % TEN == 0 ? TENS[number / TEN] : TENS[number / TEN] + " " + SMALL[number % TEN];
    }

    /// @param day 1 to 31
    static String ordinal(int day) {
        if (day < TWENTY) {
            return ORDINALS[day];
        }
        if (day % TEN == 0) {
            return day == TWENTY ? "twentieth" : "thirtieth";
        }
        return TENS[day / TEN] + " " + ORDINALS[day % TEN];
    }
}
