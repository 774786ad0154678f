package dev.sotto.guard;

import java.util.List;

/// Finds one family of things in a text. Thread-safe. Takes time linear in the text, asks the deadline as it goes, and
/// keeps nothing of the text. A failure of any kind denies the disclosure.
public interface Detector {
    /// Lower case with hyphens; stands in findings.
    String name();

    /// What it found, in any order; findings may overlap each other and those of other detectors.
    ///
    /// @throws dev.sotto.core.LimitedException if the deadline passed
    List<Finding> detect(Utterance utterance, Deadline deadline);
}
