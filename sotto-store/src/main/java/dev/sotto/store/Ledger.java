package dev.sotto.store;

import dev.sotto.core.ActorId;
import dev.sotto.core.AuditEvent;
import dev.sotto.core.AuditSink;
import dev.sotto.core.SubjectHasher;
import dev.sotto.core.SubjectId;
import dev.sotto.core.TenantId;
import java.util.Map;

/// The store's voice in the audit log. An act goes on only after its entry is durable. Thread-safe; blocks.
final class Ledger {
    private final AuditSink sink;
    private final SubjectHasher hasher;
    private final ActorId node;

    Ledger(AuditSink sink, SubjectHasher hasher, ActorId node) {
        this.sink = sink;
        this.hasher = hasher;
        this.node = node;
    }

    /// The node itself, acting for a call's life cycle.
    ActorId node() {
        return node;
    }

    AuditEvent.Builder event(String type, TenantId tenant) {
        return AuditEvent.of(type, node).tenant(tenant);
    }

    /// The digests of sealed fields: `digest` if there is one, else `digest_<field>` for each.
    static AuditEvent.Builder digests(AuditEvent.Builder event, Map<String, Sealed> sealed) {
        sealed.forEach((field, value) ->
                event.detail(sealed.size() == 1 ? "digest" : "digest_" + field.replace('-', '_'), value.digest()));
        return event;
    }

    String hash(TenantId tenant, SubjectId subject) {
        return hasher.hash(tenant, subject);
    }

    /// Returns once the entry would survive a crash.
    void append(AuditEvent.Builder event) {
        sink.append(event.build());
    }
}
