package dev.sotto.testkit;

import dev.sotto.core.Disclosure;
import dev.sotto.core.EgressDoor;
import java.util.ArrayList;
import java.util.List;

/// Allows everything or nothing, and keeps what it was asked. Thread-safe.
public final class FakeEgressDoor implements EgressDoor {
    private final List<Disclosure> asked = new ArrayList<>();
    private boolean open;

    /// From now on every disclosure is allowed unchanged.
    public synchronized void open() {
        open = true;
    }

    /// From now on every disclosure is denied, as at the start.
    public synchronized void close() {
        open = false;
    }

    @Override
    public synchronized Verdict decide(Disclosure disclosure) {
        asked.add(disclosure);
        return open ? new Verdict.Allowed(disclosure.content(), "fake-open") : new Verdict.Denied("fake-closed");
    }

    public synchronized List<Disclosure> asked() {
        return List.copyOf(asked);
    }
}
