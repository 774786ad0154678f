package dev.sotto.agent;

import dev.sotto.store.CallOutcome;
import dev.sotto.store.CallRecord;
import dev.sotto.store.Speaker;
import dev.sotto.store.Turn;
import dev.sotto.store.TurnKind;
import dev.sotto.store.TurnText.Part;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/// What is certain about a call that ended: how it ended, whether the caller was verified, and what tools did.
///
/// @param tools what each tool answered, as the transcript says it: `book: booked`
/// @param said what the caller said, in their own words, a piece a turn
record CallFacts(CallOutcome outcome, boolean verified, Set<String> tools, List<String> said) {
    CallFacts {
        tools = Set.copyOf(tools);
        said = List.copyOf(said);
    }

    static CallFacts of(CallRecord call, List<Turn> turns) {
        return new CallFacts(
                call.outcome().orElse(CallOutcome.LOST),
                call.verified(),
                turns.stream()
                        .filter(turn -> turn.kind() == TurnKind.TOOL)
                        .map(turn -> turn.text().redacted())
                        .collect(Collectors.toSet()),
                turns.stream()
                        .filter(turn -> turn.speaker() == Speaker.CALLER
                                && turn.kind() == TurnKind.SPEECH
                                && !turn.text().equals(CallNotes.UNHEARD))
                        .map(CallFacts::clear)
                        .toList());
    }

    /// Protected parts say nothing of how somebody feels.
    private static String clear(Turn turn) {
        return turn.text().parts().stream()
                .map(part -> part instanceof Part.Clear(String text) ? text : " ")
                .collect(Collectors.joining());
    }

    boolean booked() {
        return tools.contains("book: booked");
    }

    boolean cancelled() {
        return tools.contains("cancel: cancelled");
    }

    boolean appointmentRead() {
        return tools.contains("lookup_appointment: 1 record read");
    }

    boolean timesOffered() {
        return tools.stream().anyMatch(tool -> tool.startsWith("book: ") && tool.endsWith(" offered"));
    }

    boolean notVerified() {
        return tools.contains("verify_identity: not verified") || tools.contains("verify_identity: locked");
    }

    boolean nothingDone() {
        return tools.isEmpty() && said.isEmpty();
    }
}
