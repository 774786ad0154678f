package dev.sotto.audit;

import dev.sotto.core.ActorId;
import dev.sotto.core.TenantId;
import java.time.Instant;
import java.util.Collections;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/// One fact as the log holds it. Its bytes are pinned by `docs/spec/audit-log.md`.
///
/// @param sequence place in the log, from zero
/// @param at when it was recorded, to the millisecond, by the node's clock
/// @param tenant whose fact it is; [TenantId#OPERATOR] for facts about the node itself
/// @param tenantSequence place among this tenant's entries of this log, from zero
/// @param body the part that may be erased; empty if it was
/// @param leafHash what the Merkle tree holds for it
public record AuditEntry(
        long sequence,
        Instant at,
        TenantId tenant,
        long tenantSequence,
        String type,
        ActorId actor,
        Optional<Body> body,
        MerkleHash leafHash) {

    /// What happened to what. Without the random salt that is stored beside it.
    public record Body(String resource, Optional<String> subjectHash, SortedMap<String, String> details) {
        public Body {
            details = Collections.unmodifiableSortedMap(new TreeMap<>(details));
        }

        public Body(String resource, Optional<String> subjectHash, Map<String, String> details) {
            this(resource, subjectHash, new TreeMap<>(details));
        }
    }
}
