package dev.sotto.agent;

import dev.sotto.store.CallOutcome;
import dev.sotto.store.NewTurn;
import java.time.Instant;
import java.util.List;

/// How a call ended, and what of it is not in the store yet.
///
/// @param turns those that could not be kept
/// @param stored whether the outcome is in the store
record CallEnd(CallFile file, CallOutcome outcome, Instant at, List<NewTurn> turns, boolean stored) {
    CallEnd {
        turns = List.copyOf(turns);
    }

    boolean whole() {
        return stored && turns.isEmpty();
    }
}
