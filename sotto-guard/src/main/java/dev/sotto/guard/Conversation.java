package dev.sotto.guard;

import static java.util.Objects.requireNonNull;

import dev.sotto.core.SensitiveText;
import java.util.List;

/// Finds what may identify a person in the turns of one conversation, each in the light of those before it. For tools
/// and views that send nothing anywhere; what is to be sent goes through [Guard]. Not thread-safe.
public final class Conversation {
    private final Detection detection;
    private final CallMemory memory = new CallMemory();

    public Conversation(Detection detection) {
        this.detection = requireNonNull(detection, "detection");
    }

    /// What the next turn holds, in order. No two findings overlap.
    ///
    /// @throws dev.sotto.core.RejectedException if the turn is longer than [Detection#MAX_CHARACTERS]
    /// @throws dev.sotto.core.LimitedException if the deadline passed
    public List<Finding> next(SensitiveText turn, Deadline deadline) {
        var read = new ActReader(detection, memory, deadline)
                .read(List.of(requireNonNull(turn, "turn")))
                .getFirst();
        memory.expect(Questions.asked(read.utterance()));
        return Clusters.of(read.findings()).stream()
                .map(Clusters.Cluster::finding)
                .toList();
    }

    /// The text with the type in the place of each finding, such as `<PHONE>`: the redacted view.
    ///
    /// @param findings of this text; may overlap
    public static SensitiveText labelled(SensitiveText text, List<Finding> findings) {
        var ordered = findings.stream().sorted(Detection.BY_PLACE).toList();
        String original = text.reveal();
        var view = new StringBuilder(original.length());
        int at = 0;
        for (Clusters.Cluster cluster : Clusters.of(ordered)) {
            view.append(original, at, cluster.span().start()).append(Placeholder.ofType(cluster.type()));
            at = cluster.span().end();
        }
        return SensitiveText.of(view.append(original, at, original.length()).toString());
    }
}
