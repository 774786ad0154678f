package dev.sotto.testkit;

import dev.sotto.core.AuditSink;
import dev.sotto.core.AuditSinkContract;

class FakeAuditSinkTest extends AuditSinkContract {
    private final FakeAuditSink sink = new FakeAuditSink();

    @Override
    protected AuditSink sink() {
        return sink;
    }

    @Override
    protected void takeDown() {
        sink.goDown();
    }
}
