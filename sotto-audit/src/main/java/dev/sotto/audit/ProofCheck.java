package dev.sotto.audit;

/// Whether a proof proves what it claims.
public enum ProofCheck {
    /// It does.
    HOLDS,
    /// It does not: wrong hashes, sizes, place or path.
    FAILS
}
