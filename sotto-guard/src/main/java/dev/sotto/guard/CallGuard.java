package dev.sotto.guard;

import static java.util.Objects.requireNonNull;

/// What the guard remembers of one call, from [Guard#openCall]. Disclosures that name the call use it by themselves.
/// Thread-safe.
public final class CallGuard implements AutoCloseable {
    private final CallMemory memory;
    private final Runnable onClose;

    CallGuard(CallMemory memory, Runnable onClose) {
        this.memory = memory;
        this.onClose = onClose;
    }

    /// Says what the agent has just asked for, until it says otherwise: the newest text of an act is read as the
    /// answer.
    public void expect(Expectation expectation) {
        synchronized (memory) {
            memory.expect(requireNonNull(expectation, "expectation"));
        }
    }

    /// Forgets all of it. Tokens given before stand for nothing from now on.
    @Override
    public void close() {
        synchronized (memory) {
            memory.forget();
        }
        onClose.run();
    }
}
