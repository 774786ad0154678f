package dev.sotto.agent;

import static java.util.Objects.requireNonNull;

import dev.sotto.core.CallId;
import dev.sotto.model.LanguageModel;
import dev.sotto.model.Synthesizer;
import dev.sotto.model.Transcriber;
import java.time.Duration;
import java.util.function.BooleanSupplier;
import java.util.function.Function;

/// The models that talk with a caller in strict mode: the language model sees text that passed the guard and nothing
/// else. Destinations are ids in the register of sub-processors.
///
/// @param transcriber gives the one of a call
/// @param usable whether the providers answer, as far as is known; a call that begins without them goes to the keypad
/// @param patience how long a caller waits for the first sign of an answer, and between two
public record StrictModels(
        Function<CallId, Transcriber> transcriber,
        String transcriberDestination,
        LanguageModel model,
        String modelDestination,
        Synthesizer synthesizer,
        String synthesizerDestination,
        BooleanSupplier usable,
        Duration patience)
        implements TalkModels {
    /// How calls are answered in this mode, as rows and audit entries name it.
    public static final String MODE = "strict";

    public StrictModels {
        requireNonNull(transcriber, "transcriber");
        requireNonNull(transcriberDestination, "transcriberDestination");
        requireNonNull(model, "model");
        requireNonNull(modelDestination, "modelDestination");
        requireNonNull(synthesizer, "synthesizer");
        requireNonNull(synthesizerDestination, "synthesizerDestination");
        requireNonNull(usable, "usable");
        if (!patience.isPositive()) {
            throw new IllegalArgumentException("patience (%s) must be positive".formatted(patience));
        }
    }

    @Override
    public String mode() {
        return MODE;
    }
}
