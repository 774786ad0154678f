package dev.sotto.testkit;

import dev.sotto.core.Admission;
import dev.sotto.core.Disclosure;
import dev.sotto.core.EgressDoor;
import dev.sotto.core.StreamDisclosure;
import java.util.ArrayList;
import java.util.List;

/// Allows everything or nothing, and keeps what it was asked. Thread-safe.
public final class FakeEgressDoor implements EgressDoor {
    private final List<Disclosure> asked = new ArrayList<>();
    private final List<StreamDisclosure> streamsAsked = new ArrayList<>();
    private final List<FakePassage> passages = new ArrayList<>();
    private boolean open;

    /// From now on every disclosure is allowed unchanged.
    public synchronized void open() {
        open = true;
    }

    /// From now on every disclosure is denied, as at the start, and every passage is shut.
    public synchronized void close() {
        open = false;
        passages.forEach(FakePassage::shut);
    }

    @Override
    public synchronized Verdict decide(Disclosure disclosure) {
        asked.add(disclosure);
        return open ? new Verdict.Allowed(disclosure.pieces(), "fake-open") : new Verdict.Denied("fake-closed");
    }

    @Override
    public synchronized Admission grant(StreamDisclosure disclosure) {
        streamsAsked.add(disclosure);
        if (!open) {
            return new Admission.Denied("fake-closed");
        }
        var passage = new FakePassage();
        passages.add(passage);
        return new Admission.Granted(passage, "fake-open");
    }

    public synchronized List<Disclosure> asked() {
        return List.copyOf(asked);
    }

    public synchronized List<StreamDisclosure> streamsAsked() {
        return List.copyOf(streamsAsked);
    }

    /// The passages granted, in order.
    public synchronized List<FakePassage> passages() {
        return List.copyOf(passages);
    }
}
