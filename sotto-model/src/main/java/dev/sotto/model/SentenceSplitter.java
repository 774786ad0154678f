package dev.sotto.model;

import dev.sotto.core.SensitiveText;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/// Cuts an answer into sentences while it streams, so that the first can be guarded and spoken before the last is
/// there. Where the cuts are depends on the text only, not on how it was cut into deltas. No character is lost or
/// added. For European scripts and full-width punctuation; not thread-safe.
public final class SentenceSplitter {
    /// A sentence is at most this many UTF-16 code units; a longer one is cut, at a blank if it has one.
    public static final int MAX_CHARACTERS = 400;

    private static final String ENDS = ".?!\u2026";
    private static final String WIDE_ENDS = "\u3002\uff01\uff1f";
    private static final String CLOSERS = "\"')]}\u201d\u2019\u00bb";
    private static final Set<String> ABBREVIATIONS =
            Set.of("mr", "mrs", "ms", "dr", "st", "prof", "jr", "sr", "vs", "e.g", "i.e", "approx", "ext", "dept");

    private final StringBuilder text = new StringBuilder();
    private final List<SensitiveText> ready = new ArrayList<>();
    /// Where the sentence would end, or -1; whether a blank followed; and what ended it.
    private int candidate = -1;

    private boolean blank;
    private char end;

    /// Takes more text; the sentences that are known to be whole now.
    public List<SensitiveText> feed(SensitiveText delta) {
        String more = delta.reveal();
        for (int i = 0; i < more.length(); i++) {
            step(more.charAt(i));
        }
        var whole = List.copyOf(ready);
        ready.clear();
        return whole;
    }

    /// The last sentence, if there is more than blanks, and forgets everything.
    public Optional<SensitiveText> finish() {
        String rest = text.toString();
        text.setLength(0);
        candidate = -1;
        return rest.isBlank() ? Optional.empty() : Optional.of(SensitiveText.of(rest));
    }

    private void step(char c) {
        text.append(c);
        if (candidate >= 0) {
            judge(c);
        }
        if (candidate < 0) {
            if (ENDS.indexOf(c) >= 0) {
                candidate = text.length();
                blank = false;
                end = c;
            } else if (WIDE_ENDS.indexOf(c) >= 0 || c == '\n') {
                cut(text.length());
            }
        }
        if (text.length() >= MAX_CHARACTERS) {
            cut(forced());
        }
    }

    private void judge(char c) {
        if (!blank && (ENDS.indexOf(c) >= 0 || CLOSERS.indexOf(c) >= 0)) {
            candidate = text.length();
            end = ENDS.indexOf(c) >= 0 ? c : end;
        } else if (c == '\n') {
            cut(text.length());
        } else if (Character.isWhitespace(c)) {
            blank = true;
        } else if (blank && endsBefore(c)) {
            cut(candidate);
        } else {
            candidate = -1;
        }
    }

    /// Whether the candidate ends a sentence when the next one would begin with `next`.
    private boolean endsBefore(char next) {
        if (end != '.') {
            return true;
        }
        int last = candidate;
        while (last > 0 && !Character.isLetterOrDigit(text.charAt(last - 1))) {
            last--;
        }
        if (last == 0) {
            return true;
        }
        int first = last;
        while (first > 0 && !Character.isWhitespace(text.charAt(first - 1))) {
            first--;
        }
        String word = text.substring(first, last).toLowerCase(Locale.ROOT);
        boolean letter = word.length() == 1 && Character.isLetter(word.charAt(0));
        boolean initial = letter && !word.equals("i") && !spelledBefore(first);
        boolean counted = word.equals("no") || Character.isDigit(word.charAt(word.length() - 1));
        boolean number = counted && Character.isDigit(next);
        return !initial && !number && !ABBREVIATIONS.contains(word) && !Character.isLowerCase(next);
    }

    /// Whether a bare letter stands before, as in `half past nine A M.`, where the last one is no initial.
    private boolean spelledBefore(int first) {
        return first >= 2
                && Character.isLetter(text.charAt(first - 2))
                && (first == 2 || Character.isWhitespace(text.charAt(first - 3)));
    }

    /// The best place to cut a sentence that is too long: behind the last comma, else at the last blank that does not
    /// part two digits, else here.
    private int forced() {
        int comma = -1;
        int gap = -1;
        for (int i = 1; i < text.length() - 1; i++) {
            if (Character.isWhitespace(text.charAt(i))) {
                char before = text.charAt(i - 1);
                if (",;:".indexOf(before) >= 0) {
                    comma = i;
                } else if (!Character.isDigit(before) || !Character.isDigit(text.charAt(i + 1))) {
                    gap = i;
                }
            }
        }
        if (comma > 0 || gap > 0) {
            return comma > MAX_CHARACTERS / 2 ? comma : Math.max(comma, gap);
        }
        int whole = text.length();
        return Character.isHighSurrogate(text.charAt(whole - 1)) ? whole - 1 : whole;
    }

    private void cut(int at) {
        String sentence = text.substring(0, at);
        candidate = -1;
        if (!sentence.isBlank()) {
            text.delete(0, at);
            ready.add(SensitiveText.of(sentence));
        }
    }
}
