package dev.sotto.core;

/// Seals small values under the record key of their owner and data class. Thread-safe; may block on the key service.
public interface Sealer {
    /// Encrypts `plaintext` so that only an equal context opens it. Two calls never give the same bytes.
    ///
    /// @throws UnavailableException if the key cannot be had now
    byte[] seal(SealContext context, byte[] plaintext);

    /// Recovers what was sealed.
    ///
    /// @throws IntegrityException if the bytes were altered or moved, or their key was destroyed; one failure for
    ///     every cause
    /// @throws UnavailableException if the key cannot be had now
    byte[] open(SealContext context, byte[] sealed);
}
