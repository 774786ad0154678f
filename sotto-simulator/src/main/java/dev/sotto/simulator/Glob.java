package dev.sotto.simulator;

import java.util.Locale;

/// A pattern in which `*` stands for any text. Matching looks at words only: case and punctuation do not count, but the
/// angle brackets and underscores of placeholders do. Takes time in proportion to pattern times text at worst.
/// Immutable.
record Glob(String pattern) {
    private static final char ANY = '*';

    Glob {
        pattern = words(pattern, true);
    }

    boolean matches(String text) {
        return matchesWords(words(text, false));
    }

    /// @param text as [#words] gives it
    boolean matchesWords(String text) {
        int at = 0;
        int in = 0;
        int star = -1;
        int resume = 0;
        while (in < text.length()) {
            if (at < pattern.length() && pattern.charAt(at) == ANY) {
                star = at++;
                resume = in;
            } else if (at < pattern.length() && pattern.charAt(at) == text.charAt(in)) {
                at++;
                in++;
            } else if (star >= 0) {
                at = star + 1;
                in = ++resume;
            } else {
                return false;
            }
        }
        while (at < pattern.length() && pattern.charAt(at) == ANY) {
            at++;
        }
        return at == pattern.length();
    }

    /// Lower case, with single spaces where there was anything but letters, digits, `<`, `>` and `_`.
    static String words(String text) {
        return words(text, false);
    }

    private static String words(String text, boolean stars) {
        String lower = text.toLowerCase(Locale.ROOT);
        var out = new StringBuilder(lower.length());
        boolean gap = false;
        for (int i = 0; i < lower.length(); i++) {
            char c = lower.charAt(i);
            if (Character.isLetterOrDigit(c) || c == '<' || c == '>' || c == '_' || (stars && c == ANY)) {
                if (gap && !out.isEmpty()) {
                    out.append(' ');
                }
                out.append(c);
                gap = false;
            } else if (c != '\'') {
                gap = true;
            }
        }
        return out.toString();
    }
}
