package dev.sotto.guard;

import static dev.sotto.guard.EntityType.ACCOUNT;
import static dev.sotto.guard.EntityType.CREDIT_CARD;
import static dev.sotto.guard.EntityType.CVV;
import static dev.sotto.guard.EntityType.DATE;
import static dev.sotto.guard.EntityType.DOB;
import static dev.sotto.guard.EntityType.MRN;
import static dev.sotto.guard.EntityType.PHONE;
import static dev.sotto.guard.EntityType.SSN;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Tells what a row of digits is: by its form, by its check digit, by the words near it, by what the agent asked for.
final class NumberDetector implements Detector {
    private static final String NAME = "numbers";
    private static final int MIN_CARD = 13;
    private static final int MAX_CARD = 19;
    private static final Set<String> UNITS = Set.of(
            ("dollars dollar bucks cents percent mg milligrams milligram mcg micrograms ml milliliters units unit tablets"
                            + " pills capsules pounds lbs kilos kilograms grams miles minutes minute hours hour days day"
                            + " weeks week months month years year people times o'clock oclock am pm degrees copies"
                            + " boxes feet inches euros calories steps patients items seconds over")
                    .split(" "));

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public List<Finding> detect(Utterance utterance, Deadline deadline) {
        var found = new ArrayList<Finding>();
        List<DigitRun> runs = utterance.runs();
        int covered = -1;
        for (int i = 0; i < runs.size(); i++) {
            DigitRun run = runs.get(i);
            deadline.check();
            if (run.first() <= covered) {
                continue;
            }
            @Nullable Match match = new Reading(utterance, run, i == 0).match();
            if (match != null) {
                found.add(match.finding(utterance));
                covered = match.last;
            }
        }
        return found;
    }

    /// What a run turned out to be.
    private record Match(EntityType type, double score, int first, int last, boolean checked) {
        Finding finding(Utterance utterance) {
            Span span = utterance.span(first, last);
            return checked
                    ? new Finding.Checked(span, type, Checksum.LUHN, NAME)
                    : new Finding.Inferred(span, type, score, NAME);
        }
    }

    /// One run and what stands around it.
    private static final class Reading {
        private final Utterance utterance;
        private final List<Token> tokens;
        private final DigitRun run;
        private final boolean firstRun;
        private final String digits;
        private final int size;

        Reading(Utterance utterance, DigitRun run, boolean firstRun) {
            this.utterance = utterance;
            this.tokens = utterance.tokens();
            this.run = run;
            this.firstRun = firstRun;
            this.digits = run.digits();
            this.size = digits.length();
        }

        @Nullable
        Match match() {
            if (isCard()) {
                return checked();
            }
            Optional<CueMap.Cue> cue = utterance.cues().nearest(run.first(), run.last());
            if (cue.isPresent()) {
                if (cue.get().type().isEmpty()) {
                    return null;
                }
                return quantity() ? null : near(cue.get().type().get());
            }
            if (quantity()) {
                return null;
            }
            @Nullable Match carried = carried();
            if (carried != null) {
                return carried;
            }
            Optional<EntityType> expected = utterance.expected().type();
            @Nullable Match match = expected.isPresent() ? announced(expected.get()) : null;
            return match != null ? match : byForm();
        }

        /// What it is beside a word that announces this type.
        private @Nullable Match near(EntityType type) {
            @Nullable Match match = announced(type);
            if (match == null && utterance.cues().near(CVV, run.first(), run.last())) {
                match = announced(CVV); // "the cvv on my card is"
            }
            return match != null ? match : byForm();
        }

        private Match is(EntityType type, double score) {
            int first = run.first();
            for (int i = 0; i < 2 && type == PHONE && first > 0; i++) {
                Token before = tokens.get(first - 1);
                boolean belongs = before.isMark('+') || before.isMark('(');
                first = belongs && !tokens.get(first).gap() ? first - 1 : first;
            }
            return new Match(type, score, first, run.last(), false);
        }

        private Match checked() {
            return new Match(CREDIT_CARD, 1, run.first(), run.last(), true);
        }

        private boolean isCard() {
            return size >= MIN_CARD
                    && size <= MAX_CARD
                    && digits.charAt(0) >= '2'
                    && digits.charAt(0) <= '6'
                    && Checksum.LUHN.holds(digits);
        }

        /// Whether what stands around it makes it an amount or a time.
        private boolean quantity() {
            int before = run.first() - 1;
            if (before >= 0
                    && (tokens.get(before).isMark('$') || tokens.get(before).isMark('\u20ac'))) {
                return true;
            }
            int after = run.last() + 1;
            if (after >= tokens.size()) {
                return false;
            }
            Token next = tokens.get(after);
            return next.isMark('%') || next.isMark(':') || (next.isWord() && UNITS.contains(next.text()));
        }

        /// What it is if the words near it announce this type.
        private @Nullable Match announced(EntityType type) {
            return switch (type) {
                case SSN -> socialSecurity();
                case PHONE -> phone();
                case CREDIT_CARD -> size >= 8 && size <= MAX_CARD + 1 ? is(CREDIT_CARD, 0.8) : null;
                case CVV -> size == 3 || size == 4 ? is(CVV, 0.9) : null;
                case MRN -> identifier(MRN, 4, 14);
                case ACCOUNT -> identifier(ACCOUNT, 4, 34);
                case DOB -> size >= 4 && DateSpan.valueOf(run.numbers()).isPresent() ? is(DOB, 0.9) : null;
                case EMAIL, PERSON, DATE -> null;
            };
        }

        private @Nullable Match socialSecurity() {
            if (size == 9) {
                return is(SSN, 0.95);
            }
            if (size == 4) {
                return is(SSN, 0.85);
            }
            if (size == 10 && northAmerican(digits)) {
                return is(PHONE, 0.75);
            }
            return size >= 3 && size <= 10 ? is(SSN, 0.6) : null;
        }

        private @Nullable Match phone() {
            if (size == 7 || size == 10 || size == 11) {
                return is(PHONE, 0.95);
            }
            if (run.grouped(3, 2, 4) && run.separated() && validSocialSecurity(digits)) {
                return is(SSN, 0.8);
            }
            if (size >= 5 && size <= 15) {
                return is(PHONE, 0.7);
            }
            if (size > 15 && size <= 30) {
                return is(PHONE, 0.6);
            }
            boolean tail = size == 4 && (tailWords() || utterance.expected() == Expectation.PHONE);
            return tail ? is(PHONE, 0.8) : null;
        }

        /// "last four", "ending in" in the words before it.
        private boolean tailWords() {
            for (int i = Math.max(0, run.first() - 10); i < run.first(); i++) {
                String word = tokens.get(i).text();
                if (word.equals("last") || word.equals("ending") || word.equals("ends")) {
                    return true;
                }
            }
            return false;
        }

        /// A number with the letters that hang on it or stand between its parts.
        private @Nullable Match identifier(EntityType type, int min, int max) {
            int first = run.first();
            while (first > 0 && run.first() - first < 3 && partOfIdentifier(first - 1, first)) {
                first--;
            }
            int last = run.last();
            while (last + 1 < tokens.size() && last - first < max && goesOn(last)) {
                last++;
            }
            while (tokens.get(last).kind() == Token.Kind.MARK) {
                last--;
            }
            int characters = 0;
            int numbers = 0;
            for (int i = first; i <= last; i++) {
                int length = tokens.get(i).text().length();
                characters += tokens.get(i).kind() == Token.Kind.MARK ? 0 : length;
                numbers += tokens.get(i).isNumber() ? length : 0;
            }
            return characters >= min && characters <= max && numbers >= 2
                    ? new Match(type, 0.9, first, last, false)
                    : null;
        }

        private boolean partOfIdentifier(int index, int next) {
            Token token = tokens.get(index);
            boolean touches = !tokens.get(next).gap();
            if (token.kind() == Token.Kind.SPELLED) {
                return token.text().length() <= 4 && !utterance.cues().beginsAt(index);
            }
            if (token.isWord()) {
                return touches ? token.text().length() <= 5 : lone(token);
            }
            return touches && !token.gap() && token.isMark('-');
        }

        private static boolean lone(Token token) {
            return token.text().length() == 1
                    && !token.text().equals("a")
                    && !token.text().equals("i");
        }

        private boolean goesOn(int last) {
            Token next = tokens.get(last + 1);
            if (next.isNumber()) {
                return true;
            }
            if (next.isMark('-')) {
                return !next.gap()
                        && last + 2 < tokens.size()
                        && !tokens.get(last + 2).gap()
                        && tokens.get(last + 2).kind() != Token.Kind.MARK;
            }
            if (next.kind() == Token.Kind.SPELLED) {
                return next.text().length() <= 4;
            }
            return next.isWord() && (next.gap() ? lone(next) : next.text().length() <= 5);
        }

        /// Goes on with what the turn before left open, if this turn begins with the number.
        private @Nullable Match carried() {
            CarriedDigits open = utterance.carried();
            if (!firstRun || !open.isOpen() || run.first() > 4) {
                return null;
            }
            String all = open.digits() + digits;
            if (open.type().isPresent()) {
                EntityType type = open.type().get();
                return size >= 2 && all.length() <= MAX_CARD + 1 && !(type == PHONE && all.length() < 4)
                        ? is(type, 0.7)
                        : null;
            }
            boolean card = all.length() >= MIN_CARD && all.length() <= MAX_CARD && Checksum.LUHN.holds(all);
            if (card && all.charAt(0) >= '2' && all.charAt(0) <= '6') {
                return checked();
            }
            if (northAmerican(all) && size >= 3) {
                return is(PHONE, 0.7);
            }
            return all.length() == 9 && !open.digits().isEmpty() && validSocialSecurity(all) ? is(SSN, 0.6) : null;
        }

        /// Whether letters hang on it, as in an id that a machine made.
        private boolean insideWord() {
            boolean before = run.first() > 0
                    && !tokens.get(run.first()).gap()
                    && tokens.get(run.first() - 1).isWord();
            int after = run.last() + 1;
            return before
                    || (after < tokens.size()
                            && !tokens.get(after).gap()
                            && tokens.get(after).isWord()
                            && !tokens.get(after).isWord("x")); // an extension
        }

        /// What it is by form alone.
        private @Nullable Match byForm() {
            if (insideWord()) {
                return null;
            }
            boolean international =
                    run.first() > 0 && tokens.get(run.first() - 1).isMark('+');
            if (international && size >= 8 && size <= 15) {
                return is(PHONE, 0.9);
            }
            if (northAmerican(digits)) {
                return is(PHONE, run.separated() ? 0.9 : 0.75);
            }
            if (size == 9 && validSocialSecurity(digits)) {
                return is(SSN, run.grouped(3, 2, 4) ? 0.9 : 0.55);
            }
            if (size == 7 && digits.charAt(0) >= '2' && (run.spoken() || run.grouped(3, 4))) {
                return is(PHONE, 0.6);
            }
            if (size == 8 && run.spoken() && DateSpan.valueOf(digits).isPresent()) {
                return is(DATE, 0.6);
            }
            return run.spoken() && size >= 12 && size <= 34 ? is(ACCOUNT, 0.5) : null;
        }

        private static boolean northAmerican(String number) {
            String national = number.length() == 11 && number.charAt(0) == '1' ? number.substring(1) : number;
            return national.length() == 10 && national.charAt(0) >= '2' && national.charAt(3) >= '2';
        }

        private static boolean validSocialSecurity(String number) {
            return !number.startsWith("000")
                    && !number.startsWith("666")
                    && number.charAt(0) != '9'
                    && !number.startsWith("00", 3)
                    && !number.startsWith("0000", 5);
        }
    }
}
