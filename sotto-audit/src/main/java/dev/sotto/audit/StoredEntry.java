package dev.sotto.audit;

import dev.sotto.core.RejectedException;
import java.time.Instant;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/// One entry as it is kept: exact bytes, hashes and, in a database, the columns that queries use.
record StoredEntry(
        long sequence,
        Bytes header,
        @Nullable Bytes body,
        MerkleHash bodyHash,
        MerkleHash leafHash,
        Optional<Columns> columns) {

    /// What is taken out of header and body for queries.
    record Columns(
            UUID tenant,
            long tenantSequence,
            String type,
            String actor,
            @Nullable String resource,
            long atMillis) {
        static Columns of(EntryHeader header, @Nullable String resource) {
            return new Columns(
                    header.tenant().value(),
                    header.tenantSequence(),
                    header.type(),
                    header.actor().toString(),
                    resource,
                    header.atMillis());
        }
    }

    static StoredEntry of(EntryHeader header, String escapedResource, Bytes body, MerkleHash bodyHash) {
        Bytes encoded = header.encode();
        return new StoredEntry(
                header.sequence(),
                encoded,
                body,
                bodyHash,
                leaf(encoded, bodyHash),
                Optional.of(Columns.of(header, escapedResource)));
    }

    static MerkleHash leaf(Bytes header, MerkleHash bodyHash) {
        return MerkleTree.leaf(header.array(), bodyHash.bytes());
    }

    /// The entry as its readers see it.
    ///
    /// @throws RejectedException if the bytes do not hash to the leaf, or are no entry
    AuditEntry read() {
        MerkleHash actual = body == null ? bodyHash : body.sha256();
        if (!leaf(header, actual).equals(leafHash)) {
            throw new RejectedException(
                    AuditError.AUDIT_DAMAGED, "entry (%d) does not hash to its leaf".formatted(sequence));
        }
        EntryHeader decoded = EntryHeader.decode(header);
        if (decoded.sequence() != sequence) {
            throw new RejectedException(
                    AuditError.AUDIT_DAMAGED, "entry (%d) holds another entry's header".formatted(sequence));
        }
        return new AuditEntry(
                sequence,
                Instant.ofEpochMilli(decoded.atMillis()),
                decoded.tenant(),
                decoded.tenantSequence(),
                decoded.type(),
                decoded.actor(),
                Optional.ofNullable(body).map(EntryBody::read),
                leafHash);
    }
}
