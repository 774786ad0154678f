package dev.sotto.store;

import static java.util.Objects.requireNonNull;

import java.time.Instant;
import java.util.List;
import java.util.OptionalDouble;

/// How a caller felt, and how promising a call was.
///
/// @param sentiment -1 to 1, to two places; empty if the caller said nothing that tells
/// @param leadScore 0 to 100
/// @param grounds what the score rests on, in a few words each; at most 32, of at most 100 characters
public record CallAnalytics(Maker maker, Instant at, OptionalDouble sentiment, int leadScore, List<String> grounds) {
    private static final int MAX_GROUNDS = 32;
    private static final int MAX_CHARACTERS = 100;

    public CallAnalytics {
        requireNonNull(maker, "maker");
        requireNonNull(at, "at");
        grounds = List.copyOf(grounds);
        if (sentiment.isPresent() && !(Math.abs(sentiment.getAsDouble()) <= 1)) {
            throw Fields.rejected("sentiment must be -1 to 1");
        }
        if (leadScore < 0 || leadScore > 100) {
            throw Fields.rejected("leadScore must be 0 to 100");
        }
        if (grounds.size() > MAX_GROUNDS || grounds.stream().anyMatch(ground -> ground.length() > MAX_CHARACTERS)) {
            throw Fields.rejected(
                    "grounds must be at most %d, of at most %d characters".formatted(MAX_GROUNDS, MAX_CHARACTERS));
        }
    }
}
