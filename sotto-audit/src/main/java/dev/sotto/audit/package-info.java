/// The audit log: one Merkle log a node with signed checkpoints, grouped durable appends, proofs, and a
/// verifier that needs public keys only. Formats are pinned by `docs/spec/audit-log.md`.
@NullMarked
package dev.sotto.audit;

import org.jspecify.annotations.NullMarked;
