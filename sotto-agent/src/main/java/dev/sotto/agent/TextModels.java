package dev.sotto.agent;

import static java.util.Objects.requireNonNull;

import dev.sotto.model.LanguageModel;
import java.time.Duration;
import java.util.function.BooleanSupplier;

/// The model that answers callers who write, whatever hears and speaks with those who call.
///
/// @param destination of the model, in the register of sub-processors
/// @param usable whether the provider answers, as far as is known
/// @param patience how long somebody waits for the first sign of an answer, and between two
public record TextModels(LanguageModel model, String destination, BooleanSupplier usable, Duration patience) {
    public TextModels {
        requireNonNull(model, "model");
        requireNonNull(destination, "destination");
        requireNonNull(usable, "usable");
        if (!patience.isPositive()) {
            throw new IllegalArgumentException("patience (%s) must be positive".formatted(patience));
        }
    }
}
