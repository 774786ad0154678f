package dev.sotto.agent;

import static java.util.Objects.requireNonNull;

import dev.sotto.guard.Guard;
import dev.sotto.model.LanguageModel;
import java.time.Duration;
import java.util.function.BooleanSupplier;

/// The model that writes about calls once they ended, behind the guard. It has connections and a circuit breaker of its
/// own, so that this work never takes anything from a caller.
///
/// @param destination of the model, in the register of sub-processors
/// @param name of the model, as it is shown
/// @param usable whether the provider answers, as far as is known
/// @param patience for the first event of an answer, and between two
public record WrapUpModels(
        Guard guard, LanguageModel model, String destination, String name, BooleanSupplier usable, Duration patience) {
    public WrapUpModels {
        requireNonNull(guard, "guard");
        requireNonNull(model, "model");
        requireNonNull(destination, "destination");
        requireNonNull(name, "name");
        requireNonNull(usable, "usable");
        if (!patience.isPositive()) {
            throw new IllegalArgumentException("patience (%s) must be positive".formatted(patience));
        }
    }
}
