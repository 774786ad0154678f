package dev.sotto.agent;

import dev.sotto.core.DataClass;
import dev.sotto.core.DeniedException;
import dev.sotto.core.EgressDoor.Verdict;
import dev.sotto.core.Passage;
import dev.sotto.core.SensitiveText;
import dev.sotto.core.UnavailableException;
import dev.sotto.store.TurnText;
import java.util.List;
import java.util.Optional;

/// What the guard does for one call or chat. Thread-safe; blocks until what it decided is in the audit log. What it
/// cannot judge it denies.
interface TurnGuard extends AutoCloseable {
    /// Decides and records one act of sending. Empty if what would be sent is not allowed.
    ///
    /// @throws DeniedException if nothing at all may go to this destination now, whatever it says
    /// @throws UnavailableException if the decision could not be recorded
    Optional<Verdict.Allowed> decide(
            String destination, DataClass dataClass, String purpose, List<SensitiveText> pieces);

    /// Decides and records the opening of a stream.
    ///
    /// @throws DeniedException if it may not be opened
    /// @throws UnavailableException if the decision could not be recorded
    Passage grant(String destination, DataClass dataClass, String purpose);

    /// What the caller said or typed, with what is protected told apart.
    TurnText heard(SensitiveText text);

    /// What the agent says, with what is protected told apart. What it asks tells what the next answer may be about.
    TurnText said(SensitiveText text);

    /// Forgets the call.
    @Override
    void close();
}
