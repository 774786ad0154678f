package dev.sotto.guard;

import static dev.sotto.guard.Token.Kind.MARK;

import java.util.List;
import java.util.Optional;
import java.util.Set;

/// Reads from a turn what the next one will answer.
final class Questions {
    private static final int MAX_TOKENS = 150;
    private static final int TAIL = 28;
    /// A turn this short ("go ahead") does not close a number that goes on.
    private static final int SHORT_TURN = 8;
    private static final Set<String> ASKING = Set.of(
            "what", "what's", "whats", "may", "can", "could", "please", "tell", "give", "confirm", "verify", "enter",
            "say", "provide", "need", "spell", "have", "read", "repeat", "who", "whom", "which", "share");

    private Questions() {}

    /// What a turn asks for: the last thing that its last words name, if they ask at all.
    static Expectation asked(Utterance utterance) {
        List<Token> tokens = utterance.tokens();
        if (tokens.isEmpty() || tokens.size() > MAX_TOKENS) {
            return Expectation.NOTHING;
        }
        int from = Math.max(0, tokens.size() - TAIL);
        boolean asks = tokens.getLast().isMark('?');
        boolean name = false;
        for (int i = from; i < tokens.size(); i++) {
            Token token = tokens.get(i);
            asks |= ASKING.contains(token.text());
            name |= token.isWord("name") || token.isWord("calling") || token.isWord("speaking");
        }
        if (!asks) {
            return Expectation.NOTHING;
        }
        Optional<Expectation> cue = utterance.cues().all().reversed().stream()
                .filter(found -> found.first() >= from && found.type().isPresent())
                .findFirst()
                .map(found -> Expectation.of(found.type().orElseThrow()));
        if (cue.isPresent()) {
            return cue.get();
        }
        boolean email = tokens.subList(from, tokens.size()).stream()
                .anyMatch(token -> token.isWord("email") || token.isWord("mail"));
        if (email) {
            return Expectation.EMAIL;
        }
        return name ? Expectation.NAME : Expectation.NOTHING;
    }

    /// What a turn leaves open: a number it ends with that is too short to be whole, or the words that announce one.
    static CarriedDigits left(Utterance utterance, List<Finding> findings) {
        List<Token> tokens = utterance.tokens();
        int last = tokens.size() - 1;
        while (last >= 0 && tokens.get(last).kind() == MARK) {
            last--;
        }
        if (last < 0) {
            return CarriedDigits.NONE;
        }
        if (tokens.get(last).isNumber()) {
            boolean open =
                    !utterance.runs().isEmpty() && utterance.runs().getLast().last() == last;
            return open ? number(utterance, utterance.runs().getLast(), findings) : CarriedDigits.NONE;
        }
        int end = last;
        return utterance.cues().all().stream()
                .filter(cue -> end - cue.last() <= 3 && cue.type().isPresent())
                .reduce((_, second) -> second)
                .map(cue -> new CarriedDigits(cue.type(), "", 0))
                .orElseGet(
                        () -> tokens.size() <= SHORT_TURN && utterance.carried().isOpen()
                                ? utterance.carried().with(Optional.empty(), "")
                                : CarriedDigits.NONE);
    }

    private static CarriedDigits number(Utterance utterance, DigitRun run, List<Finding> findings) {
        int end = utterance.tokens().get(run.last()).end();
        Optional<EntityType> type = findings.stream()
                .filter(finding -> finding.span().end() == end)
                .map(Finding::type)
                .findFirst()
                .or(() -> utterance.cues().nearest(run.first(), run.last()).flatMap(CueMap.Cue::type));
        CarriedDigits before = run.first() <= 4 ? utterance.carried() : CarriedDigits.NONE;
        return before.with(type, run.digits());
    }
}
