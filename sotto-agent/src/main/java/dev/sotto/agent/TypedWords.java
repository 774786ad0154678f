package dev.sotto.agent;

import dev.sotto.core.SensitiveText;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/// Typed words as the keys that they stand for. What cannot be read is not guessed.
final class TypedWords {
    static final int MAX_KEYS = 16;

    private static final int MAX_WORDS = 32;
    private static final int YEAR_DIGITS = 4;
    private static final int DATE_DIGITS = 8;
    private static final List<String> MONTHS =
            List.of("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec");
    private static final int SHORT_MONTH = 3;

    /// What asks for a person, and for leaving a message, wherever something is asked.
    private static final Map<String, Character> ASIDE =
            Map.of("person", '0', "human", '0', "operator", '0', "somebody", '0', "message", '1');

    private static final Map<String, Character> NUMBERS = Map.ofEntries(
            Map.entry("zero", '0'),
            Map.entry("one", '1'),
            Map.entry("two", '2'),
            Map.entry("three", '3'),
            Map.entry("four", '4'),
            Map.entry("five", '5'),
            Map.entry("six", '6'),
            Map.entry("seven", '7'),
            Map.entry("eight", '8'),
            Map.entry("nine", '9'));

    private static final Map<String, Character> MENU = Map.ofEntries(
            Map.entry("again", '1'),
            Map.entry("repeat", '1'),
            Map.entry("cancel", '2'),
            Map.entry("book", '3'),
            Map.entry("another", '3'),
            Map.entry("message", '4'),
            Map.entry("person", '0'),
            Map.entry("human", '0'),
            Map.entry("operator", '0'),
            Map.entry("bye", '9'),
            Map.entry("goodbye", '9'),
            Map.entry("end", '9'));

    private static final Map<String, Character> CONFIRM =
            Map.of("yes", '1', "cancel", '1', "ok", '1', "no", '2', "keep", '2');

    private static final Map<String, Character> CHOICE =
            Map.of("first", '1', "second", '2', "third", '3', "back", '9', "none", '9');

    private TypedWords() {}

    /// The date as `YYYYMMDD` if it is one; otherwise whatever digits there are, so that a wrong date is found out
    /// where every other is.
    static SensitiveText birthDate(SensitiveText text) {
        List<String> words = words(text);
        return words.size() == SHORT_MONTH ? ofThree(words) : ofDigits(digits(text));
    }

    private static SensitiveText ofDigits(SensitiveText digits) {
        String all = digits.reveal();
        if (all.length() == DATE_DIGITS && !all.startsWith("19") && !all.startsWith("20")) {
            return SensitiveText.of(all.substring(YEAR_DIGITS) + all.substring(0, YEAR_DIGITS));
        }
        return digits;
    }

    private static SensitiveText ofThree(List<String> words) {
        var left = new ArrayList<>(words);
        String month = "";
        for (int i = 0; i < 2; i++) {
            int named = month(left.get(i));
            if (named > 0) {
                month = two(Integer.toString(named));
                left.remove(i);
                break;
            }
        }
        left.replaceAll(word -> word.replaceAll("(?<=\\d)(st|nd|rd|th)$", ""));
        if (!left.stream().allMatch(word -> word.matches("\\d{1,4}"))) {
            return keys(String.join("", words));
        }
        boolean yearFirst = left.getFirst().length() == YEAR_DIGITS;
        String year = yearFirst ? left.removeFirst() : left.removeLast();
        if (month.isEmpty()) {
            month = two(left.removeFirst());
        }
        return keys(year + month + two(left.getFirst()));
    }

    private static String two(String number) {
        return number.length() == 1 ? "0" + number : number;
    }

    private static int month(String word) {
        return word.length() < SHORT_MONTH ? 0 : MONTHS.indexOf(word.substring(0, SHORT_MONTH)) + 1;
    }

    /// The digits in it, 16 at most.
    static SensitiveText digits(SensitiveText text) {
        return keys(text.reveal());
    }

    private static SensitiveText keys(String text) {
        var digits = new StringBuilder();
        text.chars()
                .filter(one -> one >= '0' && one <= '9')
                .limit(MAX_KEYS)
                .forEach(digit -> digits.append((char) digit));
        return SensitiveText.of(digits.toString());
    }

    /// The star key that is meant, if a person or a message is asked for.
    static Optional<Character> aside(SensitiveText text) {
        return only(words(text), ASIDE);
    }

    static Optional<Character> menu(SensitiveText text) {
        return choice(text, MENU);
    }

    static Optional<Character> confirm(SensitiveText text) {
        return choice(text, CONFIRM);
    }

    static Optional<Character> offer(SensitiveText text) {
        return choice(text, CHOICE);
    }

    /// One number, or words that mean one key and no other.
    private static Optional<Character> choice(SensitiveText text, Map<String, Character> meanings) {
        List<String> words = words(text);
        if (words.size() == 1 && words.getFirst().matches("\\d")) {
            return Optional.of(words.getFirst().charAt(0));
        }
        return words.size() == 1 && NUMBERS.containsKey(words.getFirst())
                ? Optional.of(NUMBERS.get(words.getFirst()))
                : only(words, meanings);
    }

    private static Optional<Character> only(List<String> words, Map<String, Character> meanings) {
        var meant = words.stream()
                .filter(meanings::containsKey)
                .map(meanings::get)
                .distinct()
                .toList();
        return meant.size() == 1 ? Optional.of(meant.getFirst()) : Optional.empty();
    }

    private static List<String> words(SensitiveText text) {
        var words = new ArrayList<String>();
        for (String word : text.reveal().toLowerCase(Locale.ROOT).split("[^\\p{Alnum}]+", MAX_WORDS + 1)) {
            if (!word.isEmpty() && words.size() < MAX_WORDS) {
                words.add(word);
            }
        }
        return words;
    }
}
