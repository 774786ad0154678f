package dev.sotto.audit;

final class Pending {
    private Pending() {}

    static UnsupportedOperationException yet() {
        return new UnsupportedOperationException("in work");
    }
}
