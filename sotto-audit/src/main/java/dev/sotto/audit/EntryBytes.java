package dev.sotto.audit;

import static java.util.Objects.requireNonNull;

import dev.sotto.core.RejectedException;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// The exact bytes of one entry, as they are stored: what was hashed, and the only source of what an entry says.
/// Whoever shows an entry shows what [#read()] gives and proves [#leafHash()], so that no text stands beside a proof
/// of other bytes. Layout: `docs/spec/audit-log.md`. Immutable.
public final class EntryBytes {
    private final long sequence;
    private final Bytes header;
    private final @Nullable Bytes body;
    private final MerkleHash recordedBodyHash;

    private EntryBytes(long sequence, Bytes header, @Nullable Bytes body, MerkleHash recordedBodyHash) {
        this.sequence = sequence;
        this.header = header;
        this.body = body;
        this.recordedBodyHash = recordedBodyHash;
    }

    /// Bytes that came from elsewhere, such as a node's answer. Copies them.
    ///
    /// @param sequence the place in the log they are said to stand at
    /// @param body empty if it was erased
    /// @param bodyHash of the body when it was recorded; what stands for it once it is erased
    public static EntryBytes of(long sequence, byte[] header, Optional<byte[]> body, MerkleHash bodyHash) {
        return new EntryBytes(
                sequence,
                Bytes.owning(header.clone()),
                body.map(bytes -> Bytes.owning(bytes.clone())).orElse(null),
                requireNonNull(bodyHash, "bodyHash"));
    }

    static EntryBytes of(StoredEntry entry) {
        return new EntryBytes(entry.sequence(), entry.header(), entry.body(), entry.bodyHash());
    }

    /// Where the entry is said to stand. What the header says of it is checked by [#read()].
    public long sequence() {
        return sequence;
    }

    /// A copy.
    public byte[] header() {
        return header.array().clone();
    }

    /// A copy; empty if the body is gone.
    public Optional<byte[]> body() {
        return Optional.ofNullable(body).map(bytes -> bytes.array().clone());
    }

    /// The hash that is stored beside the body. Says what the body was, not what it is.
    public MerkleHash recordedBodyHash() {
        return recordedBodyHash;
    }

    /// What the Merkle tree must hold if these bytes are the recorded ones, computed from them.
    public MerkleHash leafHash() {
        return StoredEntry.leaf(header, body == null ? recordedBodyHash : body.sha256());
    }

    /// What the tree must hold if only the body was changed.
    MerkleHash leafHashOfRecordedBody() {
        return StoredEntry.leaf(header, recordedBodyHash);
    }

    /// What the bytes say.
    ///
    /// @throws RejectedException if they are no entry, or that of another place
    public AuditEntry read() {
        return new StoredEntry(sequence, header, body, recordedBodyHash, leafHash(), Optional.empty()).read();
    }

    @Override
    public String toString() {
        return "entry (%d)".formatted(sequence);
    }
}
