package dev.sotto.guard;

import dev.sotto.core.SensitiveText;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/// Reads the texts of one act in order, each in the light of the one before it: what was asked, and which number is
/// still open. Not thread-safe.
final class ActReader {
    private final Detection detection;
    private final CallMemory memory;
    private final Deadline deadline;

    /// One text and what was found in it, ordered by start.
    record Read(Utterance utterance, List<Finding> findings) {}

    ActReader(Detection detection, CallMemory memory, Deadline deadline) {
        this.detection = detection;
        this.memory = memory;
        this.deadline = deadline;
    }

    List<Read> read(List<SensitiveText> pieces) {
        var all = new ArrayList<Read>(pieces.size());
        Expectation asked = Expectation.NOTHING;
        CarriedDigits open = pieces.size() == 1 ? memory.carried() : CarriedDigits.NONE;
        for (int i = 0; i < pieces.size(); i++) {
            Read read = read(pieces.get(i), expected(pieces, i, asked), open);
            all.add(read);
            asked = Questions.asked(read.utterance());
            open = Questions.left(read.utterance(), read.findings());
        }
        memory.carry(open);
        return all;
    }

    /// What the agent said it expects counts for the newest text; what a text was once read as, it stays; otherwise the
    /// question before it counts.
    private Expectation expected(List<SensitiveText> pieces, int index, Expectation asked) {
        SensitiveText piece = pieces.get(index);
        Expectation before = memory.answered(piece);
        if (before != Expectation.NOTHING) {
            return before;
        }
        boolean newest = index == pieces.size() - 1 && memory.expected() != Expectation.NOTHING;
        Expectation expected = newest ? memory.expected() : asked;
        if (expected != Expectation.NOTHING) {
            memory.answer(piece, expected);
        }
        return expected;
    }

    private Read read(SensitiveText piece, Expectation expected, CarriedDigits open) {
        Read alone = memory.readings().find(piece, expected, open).orElseGet(() -> detected(piece, expected, open));
        Utterance utterance = alone.utterance();
        var findings = new ArrayList<>(alone.findings());
        List<Finding> known = memory.known().find(utterance);
        if (!known.isEmpty()) {
            findings.addAll(known);
            findings.sort(Comparator.comparingInt(finding -> finding.span().start()));
        }
        for (Clusters.Cluster cluster : Clusters.of(findings)) {
            memory.known().add(cluster.type(), Values.of(utterance, cluster.span(), cluster.type()));
        }
        return new Read(utterance, findings);
    }

    /// What the detectors find in a text by itself. Nothing is kept of a text they could not read whole.
    private Read detected(SensitiveText piece, Expectation expected, CarriedDigits open) {
        Utterance utterance = Detection.utterance(piece, expected, open, deadline);
        var read = new Read(utterance, detection.find(utterance, deadline));
        if (!memory.forgotten()) {
            memory.readings().keep(read);
        }
        return read;
    }
}
