package dev.sotto.audit;

import java.time.Instant;

/// Signs heads of one log. Thread-safe; may block.
///
/// Must be given only heads that continue those it signed before: the log sees to that.
public interface CheckpointSigner {
    /// The key name, which is the log's origin.
    String name();

    /// The keys that verify what [#sign(Checkpoint, Instant)] makes.
    TrustedKeys publicKeys();

    /// Signs `checkpoint` as of `at`.
    ///
    /// @throws dev.sotto.core.UnavailableException if the keys cannot be used now
    SignedCheckpoint sign(Checkpoint checkpoint, Instant at);
}
