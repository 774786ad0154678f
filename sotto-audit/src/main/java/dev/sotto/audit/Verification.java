package dev.sotto.audit;

import java.time.Instant;
import java.util.Optional;

/// What re-reading a log found. Damage is an answer here, not an exception.
public sealed interface Verification {
    /// Every entry, stored hash and signature holds.
    ///
    /// @param size how many entries were re-read
    /// @param checkpoint the newest checkpoint that covers the log
    /// @param signedAt when it was signed, if a signature says so
    /// @param unsigned how many entries came after it: no signature covers those yet
    /// @param erased how many bodies were erased by an `audit.erase` entry
    record Intact(long size, SignedCheckpoint checkpoint, Optional<Instant> signedAt, long unsigned, long erased)
            implements Verification {}

    /// Something is not what was signed.
    ///
    /// @param where the thing that is wrong, such as `entry 12`, `checkpoint latest` or `line 17`
    /// @param sequence the first entry that cannot be trusted
    /// @param fault what is wrong with it
    /// @param message one lower-case line for people
    record Broken(String where, long sequence, Fault fault, String message) implements Verification {}

    /// What can be wrong.
    enum Fault {
        /// A body does not hash to what its entry says.
        BODY_ALTERED,
        /// A header, or a body along with its stored hash, does not hash to its leaf.
        HEADER_ALTERED,
        /// A stored leaf or body hash is wrong; header and body are right.
        HASH_ALTERED,
        /// A column kept for queries differs from the header or body it was taken from.
        COLUMN_ALTERED,
        /// A body is gone and no entry says that it was erased.
        BODY_MISSING,
        /// An entry is gone.
        MISSING,
        /// Entries stand in another order, or one stands twice.
        REORDERED,
        /// A tenant's entries are not counted without gap.
        TENANT_SEQUENCE,
        /// A stored tile is missing or altered.
        TILE,
        /// The stored head is not the head of the entries.
        HEAD,
        /// The log ends before a checkpoint that was signed, or an export was cut.
        TRUNCATED,
        /// The entries do not hash to the root that was signed, and nothing shows which one was altered.
        ROOT,
        /// The tenants' heads do not hash to what was signed.
        TENANT_HEADS,
        /// A checkpoint cannot be read.
        CHECKPOINT_MALFORMED,
        /// A checkpoint is that of another log.
        CHECKPOINT_ORIGIN,
        /// A signature of a trusted key does not hold, or there is none of a kind of trusted key.
        CHECKPOINT_SIGNATURE,
        /// There is no checkpoint at all, or an export goes on after its last one.
        UNSIGNED,
        /// A line of an export cannot be read.
        LINE_MALFORMED
    }
}
