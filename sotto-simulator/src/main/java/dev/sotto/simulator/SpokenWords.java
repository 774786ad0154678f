package dev.sotto.simulator;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;

/// The words that a text is said with, lower case: written dates, times and numbers as they are spoken, everything else
/// as it stands without punctuation.
final class SpokenWords {
    private static final Pattern DATE_TIME =
            Pattern.compile("[0-9]{4}-[0-9]{2}-[0-9]{2}(T[0-9]{2}:[0-9]{2}(:[0-9]{2})?)?");
    private static final Pattern CLOCK = Pattern.compile("([01]?[0-9]|2[0-3]):([0-5][0-9])");
    private static final Pattern ORDINAL = Pattern.compile("([1-9]|[12][0-9]|3[01])(st|nd|rd|th)");
    private static final Pattern NUMBER = Pattern.compile("[0-9]{1,32}");
    private static final Pattern NOT_IN_WORDS = Pattern.compile("[^a-z0-9' ]+");
    private static final Pattern VOWELS = Pattern.compile("[aeiouy]+");
    private static final int MAX_SYLLABLES = 8;
    private static final int SIXTY = 60;
    private static final int NOON = 12;

    private SpokenWords() {}

    static List<String> of(String text) {
        var words = new ArrayList<String>();
        for (String token : text.strip().split("\\s+", -1)) {
            for (String word : expand(bare(token)).toLowerCase(Locale.ROOT).split(" ", -1)) {
                String clean = NOT_IN_WORDS.matcher(word).replaceAll("");
                if (!clean.isEmpty()) {
                    words.add(clean);
                }
            }
        }
        return words;
    }

    private static String bare(String token) {
        int from = 0;
        int to = token.length();
        while (from < to && !Character.isLetterOrDigit(token.charAt(from))) {
            from++;
        }
        while (to > from && !Character.isLetterOrDigit(token.charAt(to - 1))) {
            to--;
        }
        return token.substring(from, to);
    }

    private static String expand(String token) {
        if (DATE_TIME.matcher(token).matches()) {
            return token.indexOf('T') < 0
                    ? SpokenDate.date(token)
                    : SpokenDate.date(token) + " at " + SpokenDate.time(token);
        }
        var clock = CLOCK.matcher(token);
        if (clock.matches()) {
            return clock(Integer.parseInt(clock.group(1)), Integer.parseInt(clock.group(2)));
        }
        var ordinal = ORDINAL.matcher(token.toLowerCase(Locale.ROOT));
        if (ordinal.matches()) {
            return SpokenDate.ordinal(Integer.parseInt(ordinal.group(1)));
        }
        if (NUMBER.matcher(token).matches()) {
            return digits(token);
        }
        return switch (token) {
            case "AM", "am" -> "a m";
            case "PM", "pm" -> "p m";
            default -> token.replaceAll("[-_/.,:;<>]+", " ");
        };
    }

    private static String clock(int hour, int minute) {
        String hours = SpokenDate.number(hour % NOON == 0 ? NOON : hour % NOON);
        if (minute == 0) {
            return hours + " o'clock";
        }
        return hours + (minute < 10 ? " oh " : " ") + SpokenDate.number(minute);
    }

    private static String digits(String number) {
        if (number.length() <= 2 && Integer.parseInt(number) < SIXTY) {
            return SpokenDate.number(Integer.parseInt(number));
        }
        var words = new StringBuilder();
        number.chars()
                .forEach(digit -> words.append(SpokenDate.number(digit - '0')).append(' '));
        return words.toString();
    }

    /// Groups of vowels, at least one.
    static int syllables(String word) {
        int count = (int) VOWELS.matcher(word).results().count();
        return Math.clamp(count, 1, MAX_SYLLABLES);
    }
}
