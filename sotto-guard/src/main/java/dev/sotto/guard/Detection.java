package dev.sotto.guard;

import static java.util.Objects.requireNonNull;

import dev.sotto.core.RejectedException;
import dev.sotto.core.SensitiveText;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/// The detectors that look at every text, in order. Immutable, thread-safe.
///
/// A detector that fails or is late fails the whole: there is no verdict over part of a text.
public final class Detection {
    /// Longer texts are refused, in UTF-16 code units.
    public static final int MAX_CHARACTERS = 64 * 1024;

    static final Comparator<Finding> BY_PLACE = Comparator.comparingInt(
                    (Finding finding) -> finding.span().start())
            .thenComparingInt(finding -> -finding.span().length())
            .thenComparing(Finding::type)
            .thenComparing(Finding::detector);

    private final List<Detector> detectors;

    private Detection(List<Detector> detectors) {
        this.detectors = List.copyOf(detectors);
    }

    /// What is built in: patterns, check digits, context words, for numbers, dates, e-mail addresses and names.
    public static Detection standard() {
        return new Detection(
                List.of(new NumberDetector(), new DateDetector(), new EmailDetector(), new NameDetector()));
    }

    /// With one more detector, such as a trained model for names. It is given the time that is left and no more: one
    /// that does not come back in time fails the detection, and its thread is interrupted.
    public Detection with(Detector guest) {
        var more = new ArrayList<>(detectors);
        more.add(new GuestDetector(requireNonNull(guest, "guest")));
        return new Detection(more);
    }

    /// Everything found in a text by itself, by place. Findings may overlap.
    ///
    /// @throws RejectedException if it is longer than [#MAX_CHARACTERS]
    /// @throws dev.sotto.core.LimitedException if the deadline passed
    public List<Finding> find(SensitiveText text, Expectation expected, Deadline deadline) {
        return find(utterance(text, expected, CarriedDigits.NONE, deadline), deadline);
    }

    static Utterance utterance(SensitiveText text, Expectation expected, CarriedDigits carried, Deadline deadline) {
        if (text.length() > MAX_CHARACTERS) {
            throw new RejectedException(
                    GuardError.TEXT_TOO_LONG,
                    "text (%d characters) must have at most %d".formatted(text.length(), MAX_CHARACTERS));
        }
        return Utterance.of(text, expected, carried, deadline);
    }

    List<Finding> find(Utterance utterance, Deadline deadline) {
        var found = new ArrayList<Finding>();
        for (Detector detector : detectors) {
            for (Finding finding : detector.detect(utterance, deadline)) {
                if (finding.span().end() > utterance.text().length()) {
                    throw new IllegalStateException("a detector found something outside the text");
                }
                found.add(finding);
            }
            deadline.check();
        }
        found.sort(BY_PLACE);
        return List.copyOf(found);
    }
}
