package dev.sotto.testkit;

import dev.sotto.core.AuditEvent;
import dev.sotto.core.AuditReceipt;
import dev.sotto.core.AuditSink;
import dev.sotto.core.UnavailableException;
import java.util.ArrayList;
import java.util.List;

/// Keeps events in memory, in order, and can refuse. Thread-safe.
public final class FakeAuditSink implements AuditSink {
    private final List<AuditEvent> events = new ArrayList<>();
    private boolean down;

    @Override
    public synchronized AuditReceipt append(AuditEvent event) {
        if (down) {
            throw new UnavailableException(TestkitError.FAKE_IS_DOWN, "the audit log does not answer");
        }
        events.add(event);
        return new AuditReceipt("fake", events.size() - 1L);
    }

    /// Makes every append fail until [#comeBack()].
    public synchronized void goDown() {
        down = true;
    }

    public synchronized void comeBack() {
        down = false;
    }

    public synchronized List<AuditEvent> events() {
        return List.copyOf(events);
    }

    public List<AuditEvent> events(String type) {
        return events().stream().filter(event -> event.type().equals(type)).toList();
    }

    public List<String> types() {
        return events().stream().map(AuditEvent::type).toList();
    }
}
