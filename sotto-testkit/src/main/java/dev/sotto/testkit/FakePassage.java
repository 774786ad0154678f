package dev.sotto.testkit;

import dev.sotto.core.Passage;
import java.util.concurrent.atomic.AtomicLong;

/// A passage that a test can shut, and ask what was counted. Thread-safe.
public final class FakePassage implements Passage {
    private final AtomicLong units = new AtomicLong();
    private final AtomicLong bytes = new AtomicLong();
    private volatile boolean shut;
    private volatile boolean closed;

    FakePassage() {}

    /// As when an agreement expires in mid-call.
    public void shut() {
        shut = true;
    }

    @Override
    public boolean open() {
        return !shut && !closed;
    }

    @Override
    public void sent(long moreUnits, long moreBytes) {
        units.addAndGet(moreUnits);
        bytes.addAndGet(moreBytes);
    }

    @Override
    public void close() {
        closed = true;
    }

    public boolean closed() {
        return closed;
    }

    public long units() {
        return units.get();
    }

    public long bytes() {
        return bytes.get();
    }
}
