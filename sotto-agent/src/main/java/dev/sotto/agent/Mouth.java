package dev.sotto.agent;

import dev.sotto.core.SensitiveText;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;

/// Says the sentences of a model, each once the guard allowed it. Thread-safe; blocks while a sentence is made.
interface Mouth {
    /// Says a sentence.
    ///
    /// @param wanted false once nobody wants to hear it any more
    /// @param pieces takes what can be played, in order; the last says so
    /// @param clock told when there is sound
    /// @return false if it may not be said
    /// @throws SottoException if it could not be made
    boolean say(long number, SensitiveText sentence, BooleanSupplier wanted, TurnClock clock, Consumer<Spoken> pieces);
}
