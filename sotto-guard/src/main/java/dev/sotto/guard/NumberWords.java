package dev.sotto.guard;

import java.util.List;
import java.util.Map;

/// How numbers are said in English.
final class NumberWords {
    /// Single digits; `oh` and `o` only count beside another number.
    private static final Map<String, Integer> DIGITS = Map.ofEntries(
            Map.entry("zero", 0),
            Map.entry("nought", 0),
            Map.entry("naught", 0),
            Map.entry("oh", 0),
            Map.entry("o", 0),
            Map.entry("one", 1),
            Map.entry("two", 2),
            Map.entry("three", 3),
            Map.entry("four", 4),
            Map.entry("five", 5),
            Map.entry("six", 6),
            Map.entry("seven", 7),
            Map.entry("eight", 8),
            Map.entry("nine", 9),
            Map.entry("niner", 9));

    private static final Map<String, Integer> TEENS = numbered(
            10,
            1,
            List.of(
                    "ten",
                    "eleven",
                    "twelve",
                    "thirteen",
                    "fourteen",
                    "fifteen",
                    "sixteen",
                    "seventeen",
                    "eighteen",
                    "nineteen"));

    private static final Map<String, Integer> TENS =
            numbered(20, 10, List.of("twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"));

    private static final Map<String, Integer> ORDINALS = numbered(
            1,
            1,
            List.of(
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
                    "nineteenth",
                    "twentieth"));

    private static final int NONE = -1;
    private static final int THIRTIETH = 30;

    private NumberWords() {}

    private static Map<String, Integer> numbered(int first, int step, List<String> words) {
        var map = new java.util.HashMap<String, Integer>();
        for (int i = 0; i < words.size(); i++) {
            map.put(words.get(i), first + i * step);
        }
        return Map.copyOf(map);
    }

    /// 0 to 9, or -1.
    static int digit(String word) {
        return DIGITS.getOrDefault(word, NONE);
    }

    /// Whether a word means zero only beside a number.
    static boolean isOh(String word) {
        return word.equals("oh") || word.equals("o");
    }

    /// 10 to 19, or -1.
    static int teen(String word) {
        return TEENS.getOrDefault(word, NONE);
    }

    /// 20, 30 to 90, or -1.
    static int tens(String word) {
        return TENS.getOrDefault(word, NONE);
    }

    /// 1 to 20 and 30, or -1.
    static int ordinal(String word) {
        return word.equals("thirtieth") ? THIRTIETH : ORDINALS.getOrDefault(word, NONE);
    }

    /// How often the next digit is said, or 0.
    static int repeat(String word) {
        return switch (word) {
            case "double" -> 2;
            case "triple", "treble" -> 3;
            default -> 0;
        };
    }

    /// 100 or 1000, or -1.
    static int scale(String word) {
        return switch (word) {
            case "hundred" -> 100;
            case "thousand" -> 1_000;
            default -> NONE;
        };
    }

    /// Whether a word is part of a number by itself.
    static boolean isNumber(String word) {
        return digit(word) >= 0 || teen(word) >= 0 || tens(word) >= 0 || repeat(word) > 0;
    }
}
