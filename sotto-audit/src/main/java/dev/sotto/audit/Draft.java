package dev.sotto.audit;

import dev.sotto.core.ActorId;
import dev.sotto.core.AuditEvent;
import dev.sotto.core.TenantId;
import java.time.Clock;
import java.util.random.RandomGenerator;

/// An event with its body written, before it has a place in a log. The hash of its salted body is its id.
record Draft(TenantId tenant, String type, ActorId actor, long atMillis, String resource, Bytes body, MerkleHash id) {
    static Draft of(AuditEvent event, Clock clock, RandomGenerator random) {
        if (event.type().length() > EntryHeader.LONGEST_TYPE) {
            throw new IllegalArgumentException(
                    "audit type must have at most %d characters".formatted(EntryHeader.LONGEST_TYPE));
        }
        Bytes body = EntryBody.write(event, random);
        return new Draft(
                event.tenant().orElse(TenantId.OPERATOR),
                event.type(),
                event.actor(),
                clock.millis(),
                event.resource(),
                body,
                body.sha256());
    }

    /// The entry it becomes at a place.
    StoredEntry at(long sequence, long tenantSequence) {
        EntryHeader header = new EntryHeader(sequence, atMillis, tenant, tenantSequence, type, actor);
        return StoredEntry.of(header, EntryBody.escaped(resource), body, id);
    }
}
