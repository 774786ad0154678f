package dev.sotto.store;

import java.util.Optional;

/// What was made of a call, as far as it was made.
public record CallInsights(Optional<CallSummary> summary, Optional<CallAnalytics> analytics) {
    static final CallInsights NONE = new CallInsights(Optional.empty(), Optional.empty());
}
