package dev.sotto.keys;

import dev.sotto.core.ActorId;
import dev.sotto.core.AuditEvent;
import dev.sotto.core.AuditSink;
import java.util.Optional;
import java.util.UUID;

/// Writes key events to the audit log, each before it is acted on. Thread-safe; blocks until durable.
///
/// The owner of a record key is named only if it is a call or a tenant; a subject appears as its keyed hash.
final class KeyAudit {
    private final AuditSink sink;
    private final ActorId actor;

    KeyAudit(AuditSink sink, ActorId actor) {
        this.sink = sink;
        this.actor = actor;
    }

    /// Who a record key belongs to, as the log may name it.
    record Owner(String name, Optional<String> subjectHash) {}

    void created(KeyRecord row) {
        sink.append(event("key.created", row).build());
    }

    void created(ErasableKey row, Owner owner) {
        sink.append(event("key.created", row.slot(), owner)
                .resource("key", row.id())
                .detail("version", row.version())
                .detail("algorithm", row.algorithm())
                .detail("wrapped_by", row.wrapped().kek())
                .build());
    }

    void unwrapped(KeyRecord row) {
        sink.append(event("key.unwrapped", row).build());
    }

    /// Another node made the same key first; this one was never used.
    void discarded(KeyRecord row) {
        sink.append(event("key.discarded", row).build());
    }

    void discarded(ErasableKey row, Owner owner) {
        sink.append(event("key.discarded", row.slot(), owner)
                .resource("key", row.id())
                .detail("version", row.version())
                .build());
    }

    void destroyRequested(ErasableSlot slot, Owner owner) {
        sink.append(event("key.destroy.requested", slot, owner).build());
    }

    void destroyed(ErasableSlot slot, Owner owner, UUID id) {
        sink.append(event("key.destroyed", slot, owner).resource("key", id).build());
    }

    /// There was no key; from now on there cannot be a first one.
    void destroyedNone(ErasableSlot slot, Owner owner) {
        sink.append(event("key.destroyed", slot, owner).detail("keys", 0).build());
    }

    private AuditEvent.Builder event(String type, KeyRecord row) {
        return AuditEvent.of(type, actor)
                .tenant(row.slot().tenant())
                .resource("key", row.id())
                .detail("level", row.slot().level().code())
                .detail("name", row.slot().name())
                .detail("tier", row.slot().tier().code())
                .detail("version", row.version())
                .detail("algorithm", row.algorithm())
                .detail("wrapped_by", row.wrapped().kek());
    }

    private AuditEvent.Builder event(String type, ErasableSlot slot, Owner owner) {
        var event = AuditEvent.of(type, actor)
                .tenant(slot.tenant())
                .detail("level", KeyLevel.RECORD.code())
                .detail("name", slot.dataClass().code())
                .detail("tier", slot.tier().code())
                .detail("owner", owner.name());
        owner.subjectHash().ifPresent(event::subjectHash);
        return event;
    }
}
