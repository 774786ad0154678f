package dev.sotto.store;

/// Marks bodies that are on their way.
final class Unfinished {
    private Unfinished() {}

    @SuppressWarnings({"TypeParameterUnusedInFormals", "DoNotCallSuggester"})
    static <T> T value(Object... used) {
        throw new UnsupportedOperationException("not there yet (%d)".formatted(used.length));
    }
}
