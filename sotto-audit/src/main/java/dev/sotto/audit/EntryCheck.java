package dev.sotto.audit;

import dev.sotto.core.RejectedException;
import java.util.Optional;

/// What checking one entry's bytes against a signed head found. The same check on the node that shows an entry and
/// on the machine that does not believe it.
public sealed interface EntryCheck {
    /// The bytes hash to a leaf of the signed tree, at their place; `entry` is what they say.
    record Proven(AuditEntry entry) implements EntryCheck {}

    /// The bytes are an entry, and newer than the head: nothing is proven of them yet.
    record Unsigned(AuditEntry entry) implements EntryCheck {}

    /// They are not what was recorded, or cannot be shown to be. What they say must not be believed.
    record Broken(long sequence, Fault fault) implements EntryCheck {}

    /// What is wrong with an entry.
    enum Fault {
        /// The header is the recorded one and the body is not.
        BODY_ALTERED,
        /// The bytes do not hash to the leaf that was signed at their place.
        NOT_IN_TREE,
        /// The bytes are no entry, or that of another place.
        UNREADABLE,
        /// The entry is about something else than it was filed under.
        ELSEWHERE,
        /// The body is gone and no proven entry says that it was erased.
        BODY_MISSING
    }

    /// Checks `bytes`.
    ///
    /// @param proof that leads from the entry to `head`; empty for one that is newer
    /// @param head a checkpoint whose signatures were checked; empty if there is none yet
    static EntryCheck of(EntryBytes bytes, Optional<InclusionProof> proof, Optional<Checkpoint> head) {
        AuditEntry entry;
        try {
            entry = bytes.read();
        } catch (RejectedException malformed) {
            return new Broken(bytes.sequence(), fault(bytes, proof, head, Fault.UNREADABLE));
        }
        if (proof.isEmpty() && bytes.sequence() >= head.map(Checkpoint::size).orElse(0L)) {
            return new Unsigned(entry);
        }
        return holds(bytes.sequence(), bytes.leafHash(), proof, head)
                ? new Proven(entry)
                : new Broken(bytes.sequence(), fault(bytes, proof, head, Fault.NOT_IN_TREE));
    }

    private static Fault fault(
            EntryBytes bytes, Optional<InclusionProof> proof, Optional<Checkpoint> head, Fault ifHeaderIsNot) {
        return bytes.body().isPresent() && holds(bytes.sequence(), bytes.leafHashOfRecordedBody(), proof, head)
                ? Fault.BODY_ALTERED
                : ifHeaderIsNot;
    }

    private static boolean holds(
            long sequence, MerkleHash leaf, Optional<InclusionProof> proof, Optional<Checkpoint> head) {
        if (proof.isEmpty() || head.isEmpty()) {
            return false;
        }
        InclusionProof path = proof.get();
        return path.sequence() == sequence
                && path.treeSize() == head.get().size()
                && path.check(leaf, head.get().root()) == ProofCheck.HOLDS;
    }
}
