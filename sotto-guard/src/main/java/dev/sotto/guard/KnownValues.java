package dev.sotto.guard;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// What was found before in the same call, so that it is found again where no word announces it. Bounded; cards and
/// check values are not remembered. Not thread-safe.
final class KnownValues {
    static final int MAX_VALUES = 256;

    private static final String NAME = "known-values";
    private static final double SCORE = 0.9;
    private static final int MIN_DIGITS = 4;
    private static final int MIN_LETTERS = 3;
    private static final int MAX_NAMES_A_WORD = 8;

    private final Map<String, EntityType> numbers = new HashMap<>();
    private final Map<String, List<List<String>>> names = new HashMap<>();
    private int size;

    void add(EntityType type, String value) {
        if (size >= MAX_VALUES || type.neverKept()) {
            return;
        }
        switch (type) {
            case PERSON -> addName(value);
            case SSN, ACCOUNT, MRN, PHONE, DOB -> {
                if (value.length() >= MIN_DIGITS && numbers.putIfAbsent(value, type) == null) {
                    size++;
                }
            }
            case EMAIL, DATE, CREDIT_CARD, CVV -> {}
        }
    }

    private void addName(String value) {
        List<String> words = List.of(value.split(" ", -1));
        if (words.getFirst().length() < MIN_LETTERS) {
            return;
        }
        List<List<String>> same = names.computeIfAbsent(words.getFirst(), _ -> new ArrayList<>());
        if (same.size() < MAX_NAMES_A_WORD && !same.contains(words)) {
            same.add(words);
            same.sort((one, other) -> Integer.compare(other.size(), one.size()));
            size++;
        }
    }

    int size() {
        return size;
    }

    List<Finding> find(Utterance utterance) {
        if (size == 0) {
            return List.of();
        }
        var found = new ArrayList<Finding>();
        if (!numbers.isEmpty()) {
            for (DigitRun run : utterance.runs()) {
                add(found, utterance, run.first(), run.last(), numbers.get(Values.phone(run.digits())));
            }
            for (DateSpan date : utterance.dates()) {
                add(found, utterance, date.first(), date.last(), numbers.get(date.value()));
            }
        }
        for (int i = 0; i < utterance.tokens().size() && !names.isEmpty(); i++) {
            for (List<String> words :
                    names.getOrDefault(utterance.tokens().get(i).text(), List.of())) {
                if (matches(utterance.tokens(), i, words)) {
                    add(found, utterance, i, i + words.size() - 1, EntityType.PERSON);
                    break;
                }
            }
        }
        return found;
    }

    private static void add(List<Finding> found, Utterance utterance, int first, int last, @Nullable EntityType type) {
        if (type != null) {
            found.add(new Finding.Inferred(utterance.span(first, last), type, SCORE, NAME));
        }
    }

    private static boolean matches(List<Token> tokens, int at, List<String> words) {
        for (int i = 0; i < words.size(); i++) {
            if (at + i >= tokens.size() || !tokens.get(at + i).isWord(words.get(i))) {
                return false;
            }
        }
        return true;
    }

    void forget() {
        numbers.clear();
        names.clear();
        size = 0;
    }
}
