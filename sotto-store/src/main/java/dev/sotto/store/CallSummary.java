package dev.sotto.store;

import static java.util.Objects.requireNonNull;

import java.time.Instant;

/// What a call was about, in words, with what is protected in them told apart.
public record CallSummary(Maker maker, Instant at, TurnText text) {
    public CallSummary {
        requireNonNull(maker, "maker");
        requireNonNull(at, "at");
        requireNonNull(text, "text");
    }
}
