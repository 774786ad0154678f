package dev.sotto.keys;

import dev.sotto.core.ActorId;
import dev.sotto.core.AuditEvent;
import dev.sotto.core.AuditSink;
import dev.sotto.core.KeyOwner;
import dev.sotto.core.TenantId;
import java.util.Map;
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

    /// Who wants a new version of a key, and why.
    ///
    /// @param why a code: `age`, `uses`, `bytes`, `forced`, `compromised`
    record Rotation(ActorId by, String why) {}

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

    void rotated(KeyRecord row, KeyRecord before, Rotation rotation) {
        sink.append(event("key.rotated", row, rotation.by())
                .detail("before", before.id())
                .detail("why", rotation.why())
                .build());
    }

    /// Versions of an index key before `newest` are about to end.
    void retired(KeyRecord row, int newest, ActorId by) {
        sink.append(event("key.index.retired", row, by).detail("before", newest).build());
    }

    /// A key is about to change its state.
    void changed(KeyRecord row, KeyState to, ActorId by, String why) {
        sink.append(event("key." + word(row.state(), to), row, by)
                .detail("from", row.state())
                .detail("to", to)
                .detail("why", why)
                .build());
    }

    private static String word(KeyState from, KeyState to) {
        return from == KeyState.SUSPENDED && (to == KeyState.ACTIVE || to == KeyState.DEACTIVATED)
                ? "reinstated"
                : "revoked";
    }

    /// The same key is about to be kept under another.
    void rewrapped(KeyRecord row, WrappedKey to, ActorId by) {
        sink.append(event("key.rewrapped", row, by).detail("to", to.kek()).build());
    }

    /// Record keys are about to be kept under another class key.
    ///
    /// @param last the id of the last one
    void rewrapped(KeySlot slot, KeyUri from, UUID to, int count, UUID last, ActorId by) {
        sink.append(AuditEvent.of("key.rewrapped", by)
                .tenant(slot.tenant())
                .resource("key", to)
                .detail("level", KeyLevel.RECORD.code())
                .detail("name", slot.name())
                .detail("tier", slot.tier().code())
                .detail("wrapped_by", from)
                .detail("count", count)
                .detail("last", last)
                .build());
    }

    /// What was done with a key since the last report.
    void used(TenantId tenant, UUID key, KeyUse use) {
        sink.append(AuditEvent.of("key.used", actor)
                .tenant(tenant)
                .resource("key", key)
                .detail("wraps", use.wraps())
                .detail("unwraps", use.unwraps())
                .detail("seals", use.seals())
                .detail("opens", use.opens())
                .detail("bytes", use.bytes())
                .build());
    }

    void destructionRequested(DestructionRequest request) {
        sink.append(of("key.destruction.requested", request, request.requestedBy())
                .detail("reason", request.reason())
                .detail("not_before", request.notBefore())
                .build());
    }

    /// The approvals hold and the time has come: it is about to be done.
    void destructionBegun(DestructionRequest request, ActorId by, String approvers) {
        sink.append(of("key.destruction.begun", request, by)
                .detail("approvers", approvers)
                .build());
    }

    void keyDestroyed(KeyRecord row, ActorId by) {
        sink.append(event("key.destroyed", row, by).build());
    }

    void certified(DestructionRequest request, ActorId by, Map<String, String> certificate) {
        var event = of("key.destruction.certified", request, by);
        certificate.forEach(event::detail);
        sink.append(event.build());
    }

    /// Keys are about to be wrapped anew for a backup.
    void backup(BackupFile.Header header, KeyUri root, Optional<TenantId> tenant, ActorId by) {
        var event = of("key.backup", header.id(), by)
                .detail("wrapped_by", root)
                .detail("expires", header.expires())
                .detail("tenants", tenant.isPresent() ? "one" : "all");
        tenant.ifPresent(event::tenant);
        sink.append(event.build());
    }

    void backupWritten(KeyBackup.Made made, ActorId by) {
        sink.append(of("key.backup.written", made.id(), by)
                .detail("tenants", made.tenants())
                .detail("keys", made.keys())
                .detail("record_keys", made.recordKeys())
                .build());
    }

    /// The keys of a backup are about to be stored.
    void restore(BackupFile.Header header, ActorId by) {
        sink.append(of("key.restore", header.id(), by).detail("of", header.at()).build());
    }

    void restored(KeyBackup.Restored restored, ActorId by) {
        sink.append(of("key.restored", restored.id(), by)
                .detail("tenants", restored.tenants())
                .detail("keys", restored.keys())
                .detail("record_keys", restored.recordKeys())
                .detail("erased", restored.erased())
                .build());
    }

    private static AuditEvent.Builder of(String type, UUID backup, ActorId by) {
        return AuditEvent.of(type, by).resource("key-backup", backup);
    }

    private static AuditEvent.Builder of(String type, DestructionRequest request, ActorId by) {
        var event = AuditEvent.of(type, by).tenant(request.tenant()).resource("destruction", request.id());
        return request.target() instanceof DestructionRequest.Target.OfOwner(KeyOwner.OfSubject _)
                ? event.detail("target", "owner:subject")
                : event.detail("target", request.target().text());
    }

    private AuditEvent.Builder event(String type, KeyRecord row) {
        return event(type, row, actor);
    }

    private static AuditEvent.Builder event(String type, KeyRecord row, ActorId by) {
        return AuditEvent.of(type, by)
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
