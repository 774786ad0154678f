package dev.sotto.store;

/// How far a sealed object has come.
public enum ArtifactState {
    /// A node writes it, or died while it did.
    WRITING,
    /// Whole, as it was written.
    SEALED,
    /// What a dead node left, sealed anew under a fresh key.
    RECOVERED,
    /// Less than was durable, or altered: kept for inspection, never served.
    TAMPERED
}
