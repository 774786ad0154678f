package dev.sotto.guard;

import static java.util.Objects.requireNonNull;

import dev.sotto.core.SensitiveText;
import java.util.List;
import java.util.Optional;

/// One text to look at: what was said, its normal form, and what the agent had asked for. Immutable; prints nothing of
/// the text.
public final class Utterance {
    private final SensitiveText text;
    private final List<Token> tokens;
    private final Expectation expected;
    private final CarriedDigits carried;
    private final CueMap cues;
    private final List<DateSpan> dates;
    private final List<DigitRun> runs;

    private Utterance(SensitiveText text, Expectation expected, CarriedDigits carried, Deadline deadline) {
        this.text = requireNonNull(text, "text");
        this.expected = requireNonNull(expected, "expected");
        this.carried = carried;
        this.tokens = Normaliser.normalise(text.reveal(), deadline);
        this.cues = CueMap.of(tokens, deadline);
        this.dates = DateReader.read(tokens, deadline);
        this.runs = DigitRun.of(tokens, dates, deadline);
    }

    /// Brings `text` into its normal form.
    ///
    /// @throws dev.sotto.core.LimitedException if the deadline passed
    public static Utterance of(SensitiveText text, Expectation expected, Deadline deadline) {
        return new Utterance(text, expected, CarriedDigits.NONE, deadline);
    }

    static Utterance of(SensitiveText text, Expectation expected, CarriedDigits carried, Deadline deadline) {
        return new Utterance(text, expected, carried, deadline);
    }

    public SensitiveText text() {
        return text;
    }

    /// What the agent had asked for.
    public Expectation expected() {
        return expected;
    }

    CarriedDigits carried() {
        return carried;
    }

    List<Token> tokens() {
        return tokens;
    }

    CueMap cues() {
        return cues;
    }

    /// Calendar dates, in order, none of them inside another.
    List<DateSpan> dates() {
        return dates;
    }

    /// The first date that overlaps this span of the original.
    Optional<DateSpan> dateIn(Span span) {
        int low = 0;
        int high = dates.size();
        while (low < high) {
            int middle = (low + high) >>> 1;
            if (tokens.get(dates.get(middle).last()).end() <= span.start()) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        return low < dates.size() && tokens.get(dates.get(low).first()).start() < span.end()
                ? Optional.of(dates.get(low))
                : Optional.empty();
    }

    /// Numbers that stand in a row, outside the dates, in order.
    List<DigitRun> runs() {
        return runs;
    }

    /// The span of the original from the first to the last of these tokens, both inclusive.
    Span span(int first, int last) {
        return new Span(tokens.get(first).start(), tokens.get(last).end());
    }

    @Override
    public String toString() {
        return "Utterance[%d tokens]".formatted(tokens.size());
    }
}
