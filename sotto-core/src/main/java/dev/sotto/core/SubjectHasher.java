package dev.sotto.core;

/// Turns a subject into the keyed hash the audit log may hold. Thread-safe.
public interface SubjectHasher {
    /// Lower-case hex of HMAC-SHA-256, under a key of the tenant used for nothing else, of the subject's random id.
    ///
    /// @throws UnavailableException if the key cannot be had now
    String hash(TenantId tenant, SubjectId subject);
}
