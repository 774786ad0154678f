package dev.sotto.keys;

import java.security.SecureRandom;

/// A key encapsulation mechanism for HPKE (RFC 9180 section 4), over raw bytes as they are sent. Thread-safe.
///
/// A mechanism never takes the keys of another: lengths and ids differ, and the id is hashed into every key.
sealed interface Kem permits DhKem, XWing {
    int SECRET_LENGTH = 32;

    /// The number in IANA's registry of HPKE KEM identifiers.
    int id();

    int encapsulationLength();

    int publicKeyLength();

    int privateKeyLength();

    /// A fresh private key.
    byte[] generate(SecureRandom random);

    /// The public key of a private key.
    byte[] publicKey(byte[] privateKey);

    /// What is sent, of [#encapsulationLength()] bytes, and behind it the shared secret of 32.
    ///
    /// @throws SealedDataException if the public key is of low order or not one of this mechanism
    byte[] encapsulate(byte[] publicKey, SecureRandom random) throws SealedDataException;

    /// The shared secret.
    ///
    /// @throws SealedDataException if what was sent is of low order or not of this mechanism
    byte[] decapsulate(byte[] encapsulation, byte[] privateKey) throws SealedDataException;
}
