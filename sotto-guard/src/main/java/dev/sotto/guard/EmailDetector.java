package dev.sotto.guard;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/// Finds e-mail addresses, written and said ("jane dot doe at example dot com").
final class EmailDetector implements Detector {
    private static final String NAME = "emails";
    private static final int REACH = 48;
    private static final int MAX_DOMAIN_WORDS = 4;
    private static final int MAX_LOOSE_WORDS = 4;
    private static final int CHECK_EVERY = 256;
    private static final Set<String> TOP_LEVEL = Set.of(
            ("com org net edu gov mil io co uk us ca de fr es it nl eu au nz in me info biz health care clinic dev"
                            + " app ai tv mx br ch at be se no dk fi pl ie jp cn example test")
                    .split(" "));
    private static final Set<String> JOINERS = Set.of("dot", "period", "underscore", "dash", "hyphen", "plus", "point");
    private static final Set<String> BOUNDARIES = Set.of(
            "is", "it's", "its", "email", "mail", "address", "to", "me", "use", "that's", "at", "it", "was", "be");

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public List<Finding> detect(Utterance utterance, Deadline deadline) {
        var found = new ArrayList<Finding>();
        List<Token> tokens = utterance.tokens();
        int covered = -1;
        for (int i = 1; i < tokens.size() - 1; i++) {
            boolean sign = tokens.get(i).isMark('@');
            if (i > covered && (sign || tokens.get(i).isWord("at"))) {
                int last = domainEnd(tokens, i, sign);
                int first = last < 0 ? -1 : localStart(tokens, i, covered);
                if (first >= 0) {
                    found.add(
                            new Finding.Inferred(utterance.span(first, last), EntityType.EMAIL, sign ? 1 : 0.95, NAME));
                    covered = last;
                }
            }
            if (i % CHECK_EVERY == 0) {
                deadline.check();
            }
        }
        return found;
    }

    private static boolean dot(Token token) {
        return token.isMark('.') || token.isWord("dot") || token.isWord("period");
    }

    private static boolean label(Token token) {
        return token.isNumber() || (token.isWord() && !JOINERS.contains(token.text()));
    }

    private static boolean hyphen(Token token) {
        return token.isMark('-') || token.isWord("dash") || token.isWord("hyphen");
    }

    /// The last token of a domain behind `at`, or -1. It ends with a top-level domain; a said one must be known.
    private static int domainEnd(List<Token> tokens, int at, boolean sign) {
        int end = -1;
        int words = 0;
        boolean afterDot = false;
        for (int i = at + 1; i < Math.min(tokens.size(), at + REACH); i++) {
            Token token = tokens.get(i);
            if (dot(token) || hyphen(token)) {
                if (words == 0 || i + 1 >= tokens.size() || !label(tokens.get(i + 1))) {
                    break;
                }
                if (token.isMark('.') && tokens.get(i + 1).gap()) {
                    break;
                }
                afterDot = dot(token);
                words = 1;
                continue;
            }
            if (!label(token) || (end == i - 1 && !afterDot)) {
                break;
            }
            boolean ends = afterDot && token.isWord() && topLevel(token, sign);
            if (ends) {
                end = i;
            }
            afterDot = false;
            words++;
            if (words > MAX_DOMAIN_WORDS || (end >= 0 && end != i && words > 1)) {
                break;
            }
        }
        return end;
    }

    private static boolean topLevel(Token token, boolean sign) {
        return TOP_LEVEL.contains(token.text())
                || (sign && !token.gap() && token.text().length() >= 2);
    }

    /// The first token of the part before `at`, or -1.
    private static int localStart(List<Token> tokens, int at, int covered) {
        int floor = Math.max(covered + 1, at - REACH);
        int first = at - 1;
        if (first < floor || !(label(tokens.get(first)) || tokens.get(first).isMark('_'))) {
            return -1;
        }
        while (first - 1 >= floor) {
            Token before = tokens.get(first - 1);
            boolean touches = !tokens.get(first).gap();
            if (joins(before, touches) && first - 2 >= floor && label(tokens.get(first - 2))) {
                first -= 2;
            } else if (touches && (label(before) || joins(before, true))) {
                first--;
            } else if (!touches && loose(tokens.get(first), before)) {
                first--;
            } else {
                break;
            }
        }
        return loosely(tokens, first, floor);
    }

    private static boolean joins(Token token, boolean touches) {
        if (token.kind() == Token.Kind.MARK) {
            return touches
                    && switch (token.text()) {
                        case ".", "_", "-", "+", "%" -> true;
                        default -> false;
                    };
        }
        return JOINERS.contains(token.text());
    }

    /// Numbers and spelled letters belong to what they stand beside.
    private static boolean loose(Token token, Token before) {
        boolean initial = before.isWord() && before.text().length() == 1 && !before.isWord("a") && !before.isWord("i");
        boolean parts = initial || token.isNumber() || before.isNumber() || before.kind() == Token.Kind.SPELLED;
        return parts && label(before) && !BOUNDARIES.contains(before.text());
    }

    /// A name said in several words, when "is", "email" or the like stands close before it.
    private static int loosely(List<Token> tokens, int first, int floor) {
        for (int i = first - 1; i >= Math.max(floor, first - MAX_LOOSE_WORDS - 1); i--) {
            Token token = tokens.get(i);
            if (token.isMark(':') || BOUNDARIES.contains(token.text())) {
                return i + 1;
            }
            if (!label(token) || tokens.get(i + 1).isMark('@')) {
                return first;
            }
        }
        return first;
    }
}
