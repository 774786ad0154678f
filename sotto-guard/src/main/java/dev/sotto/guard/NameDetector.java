package dev.sotto.guard;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Finds names by the words that announce them ("my name is", "this is ... calling", "patient ..."). Works without
/// capitals. A trained model goes beside it.
final class NameDetector implements Detector {
    private static final String NAME = "names";
    private static final int MAX_WORDS = 3;
    private static final int MAX_CAPITAL_WORDS = 5;
    private static final int CHECK_EVERY = 256;
    private static final Set<String> KIN = Set.of(
            "husband",
            "wife",
            "son",
            "daughter",
            "mother",
            "father",
            "mom",
            "dad",
            "brother",
            "sister",
            "grandmother",
            "grandfather",
            "partner",
            "fiance",
            "friend",
            "caregiver");
    private static final Set<String> TITLES =
            Set.of("mr", "mrs", "ms", "miss", "mister", "missus", "dr", "doctor", "nurse", "professor");
    private static final Set<String> FILLERS = Set.of(
            "yes", "yeah", "sure", "it's", "its", "uh", "um", "okay", "ok", "so", "well", "hi", "hello", "oh",
            "spelled", "that's", "my", "name");
    private static final Set<String> CALLING =
            Set.of("calling", "speaking", "here", "from", "again", "with", "returning", "on");

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public List<Finding> detect(Utterance utterance, Deadline deadline) {
        var reading = new Reading(utterance.tokens());
        var found = new ArrayList<Finding>();
        int at = 0;
        for (int turns = 1; at < utterance.tokens().size(); turns++) {
            @Nullable Place place = reading.at(at);
            if (place != null) {
                found.add(place.finding(utterance));
            }
            at = place == null ? at + 1 : place.last + 1;
            if (turns % CHECK_EVERY == 0) {
                deadline.check();
            }
        }
        if (found.isEmpty() && utterance.expected() == Expectation.NAME) {
            @Nullable Place bare = reading.bareAnswer();
            if (bare != null) {
                found.add(bare.finding(utterance));
            }
        }
        return found;
    }

    private record Place(int first, int last, double score) {
        Finding finding(Utterance utterance) {
            return new Finding.Inferred(utterance.span(first, last), EntityType.PERSON, score, NAME);
        }
    }

    /// Reads names from tokens.
    private static final class Reading {
        private final List<Token> tokens;

        Reading(List<Token> tokens) {
            this.tokens = tokens;
        }

        private String word(int index) {
            return index >= 0 && index < tokens.size() && tokens.get(index).isWord()
                    ? tokens.get(index).text()
                    : "";
        }

        private boolean is(int index, String... words) {
            for (int i = 0; i < words.length; i++) {
                if (!word(index + i).equals(words[i])) {
                    return false;
                }
            }
            return true;
        }

        /// The name announced by what begins at this token.
        @Nullable
        Place at(int index) {
            String word = word(index);
            return switch (word) {
                case "name", "surname" -> named(index + 1);
                case "name's", "names" -> name(index + 1, 0.9, false);
                case "this" -> is(index, "this", "is") ? introduced(index + 2) : null;
                case "it's" -> followedByCalling(index + 1);
                case "i'm" -> introduced(index + 1);
                case "i" -> is(index, "i", "am") ? introduced(index + 2) : null;
                case "speaking" ->
                    is(index, "speaking", "with") || is(index, "speaking", "to") ? name(index + 2, 0.8, true) : null;
                case "patient", "patient's" -> patient(index + 1);
                case "named" -> name(index + 1, 0.8, false);
                default -> addressed(index, word);
            };
        }

        private @Nullable Place addressed(int index, String word) {
            if (TITLES.contains(word)) {
                int from = index + 1 < tokens.size() && tokens.get(index + 1).isMark('.') ? index + 2 : index + 1;
                return word.equals("doctor") || word.equals("nurse") || word.equals("miss")
                        ? name(from, 0.7, true)
                        : name(from, 0.9, false);
            }
            return KIN.contains(word) ? name(index + 1, 0.7, true) : null;
        }

        /// "name is jane doe", "name: jane doe", "name jane doe".
        private @Nullable Place named(int index) {
            int from = index;
            if (is(from, "on", "the", "account") || is(from, "on", "the", "card") || is(from, "on", "the", "file")) {
                from += 3;
            }
            int after = from;
            while (after < from + 3 && after < tokens.size() && assigns(after)) {
                after++;
            }
            return after > from ? name(after, 0.95, false) : name(from, 0.7, true);
        }

        /// "is", a colon, and the quotes of JSON.
        private boolean assigns(int index) {
            return tokens.get(index).isMark(':')
                    || tokens.get(index).isMark('"')
                    || is(index, "is")
                    || is(index, "was");
        }

        private @Nullable Place introduced(int index) {
            @Nullable Place sure = name(index, 0.85, true);
            return sure != null ? sure : followedByCalling(index);
        }

        private @Nullable Place followedByCalling(int index) {
            @Nullable Place place = name(index, 0.8, false);
            return place != null && CALLING.contains(word(place.last + 1)) ? place : null;
        }

        private @Nullable Place patient(int index) {
            int from = (index < tokens.size() && assigns(index)) || is(index, "named") ? index + 1 : index;
            if (is(from, "name", "is")) {
                return name(from + 2, 0.95, false);
            }
            return name(from, 0.75, from == index + 1);
        }

        /// Up to three words that may be a name. When `doubtful`, only with a capital, a known first name, or spelled.
        private @Nullable Place name(int index, double score, boolean doubtful) {
            int first = skipFillers(index);
            if (first >= tokens.size() || !possible(first)) {
                return null;
            }
            Token start = tokens.get(first);
            boolean capital = start.kind() == Token.Kind.NAME_WORD;
            if (doubtful && !capital && !NameWords.isFirstName(start.text()) && start.kind() != Token.Kind.SPELLED) {
                return null;
            }
            int last = first;
            for (int words = 1; words < (capital ? MAX_CAPITAL_WORDS : MAX_WORDS); words++) {
                int next = nextPart(last);
                if (next < 0 || !possible(next)) {
                    break;
                }
                Token token = tokens.get(next);
                boolean lower = token.kind() == Token.Kind.WORD;
                if (capital && lower && !particle(token.text())) {
                    break;
                }
                last = next;
            }
            return new Place(first, withSpelling(last), score);
        }

        private int skipFillers(int index) {
            int at = index;
            while (at < index + 2 && (is(at, "uh") || is(at, "um"))) {
                at++;
            }
            return at;
        }

        private static boolean particle(String word) {
            return switch (word) {
                case "de", "la", "van", "von", "der", "del", "da", "bin", "al" -> true;
                default -> false;
            };
        }

        private boolean possible(int index) {
            Token token = tokens.get(index);
            return token.isWord() && (token.kind() == Token.Kind.SPELLED || NameWords.possible(token.text()));
        }

        /// The next part of a name: the next word, behind at most one hyphen or the full stop of an initial.
        private int nextPart(int last) {
            int next = last + 1;
            boolean hyphen = next + 1 < tokens.size()
                    && tokens.get(next).isMark('-')
                    && !tokens.get(next).gap();
            if (hyphen) {
                next++;
            }
            if (surnameFirst(last)) {
                return last + 2;
            }
            if (next < tokens.size() && initial(next)) {
                int after = next + 1;
                after = after < tokens.size() && tokens.get(after).isMark('.') ? after + 1 : after;
                return after < tokens.size() && possible(after) ? after : -1;
            }
            return next < tokens.size() ? next : -1;
        }

        /// "Doe, Jane".
        private boolean surnameFirst(int last) {
            return last + 2 < tokens.size()
                    && tokens.get(last + 1).isMark(',')
                    && tokens.get(last).kind() == Token.Kind.NAME_WORD
                    && tokens.get(last + 2).kind() == Token.Kind.NAME_WORD
                    && possible(last + 2);
        }

        private boolean initial(int index) {
            Token token = tokens.get(index);
            return token.isWord()
                    && token.text().length() == 1
                    && !token.text().equals("a")
                    && !token.text().equals("i");
        }

        /// Letters spelled behind a name belong to it: "doe, d o e", "doe spelled d o e".
        private int withSpelling(int last) {
            int at = last + 1;
            for (int skipped = 0; at < tokens.size() && skipped < 3; skipped++, at++) {
                Token token = tokens.get(at);
                if (token.kind() == Token.Kind.SPELLED) {
                    return at;
                }
                boolean joins = token.isMark(',') || is(at, "spelled") || is(at, "that's") || is(at, "spelling");
                if (!joins) {
                    return last;
                }
            }
            return last;
        }

        /// The whole of a short answer, if all of it may be a name.
        @Nullable
        Place bareAnswer() {
            int first = 0;
            while (first < tokens.size()
                    && first < 6
                    && (FILLERS.contains(word(first))
                            || is(first, "is")
                            || is(first, "it")
                            || tokens.get(first).isMark(','))) {
                first++;
            }
            return first < tokens.size() ? name(first, 0.75, false) : null;
        }
    }
}
