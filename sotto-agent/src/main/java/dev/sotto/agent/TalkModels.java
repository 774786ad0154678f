package dev.sotto.agent;

import java.util.function.BooleanSupplier;

/// The models that talk with callers, in one of the ways to do so.
public sealed interface TalkModels permits StrictModels, GatedModels {
    /// How calls are answered, as rows and audit entries name it.
    String mode();

    /// Whether the providers answer, as far as is known; a call that begins without them goes to the keypad.
    BooleanSupplier usable();
}
