package dev.sotto.keys;

import java.nio.ByteBuffer;
import java.security.SecureRandom;
import java.util.Arrays;

/// DHKEM(X25519, HKDF-SHA256) of RFC 9180 section 4.1. Thread-safe.
record DhKem() implements Kem {
    private static final int ID = 0x0020;
    private static final byte[] SUITE = {'K', 'E', 'M', 0, ID};

    @Override
    public int id() {
        return ID;
    }

    @Override
    public int encapsulationLength() {
        return X25519.LENGTH;
    }

    @Override
    public int publicKeyLength() {
        return X25519.LENGTH;
    }

    @Override
    public int privateKeyLength() {
        return X25519.LENGTH;
    }

    @Override
    public byte[] generate(SecureRandom random) {
        return X25519.generate(random);
    }

    @Override
    public byte[] publicKey(byte[] privateKey) {
        return X25519.publicKey(privateKey);
    }

    @Override
    public byte[] encapsulate(byte[] publicKey, SecureRandom random) throws SealedDataException {
        byte[] ephemeral = X25519.generate(random);
        try {
            byte[] sent = X25519.publicKey(ephemeral);
            byte[] secret = secret(X25519.agree(ephemeral, publicKey), sent, publicKey);
            return ByteBuffer.allocate(sent.length + secret.length)
                    .put(sent)
                    .put(secret)
                    .array();
        } finally {
            Arrays.fill(ephemeral, (byte) 0);
        }
    }

    @Override
    public byte[] decapsulate(byte[] encapsulation, byte[] privateKey) throws SealedDataException {
        return secret(X25519.agree(privateKey, encapsulation), encapsulation, X25519.publicKey(privateKey));
    }

    /// Overwrites `agreed`.
    private static byte[] secret(byte[] agreed, byte[] sent, byte[] publicKey) {
        byte[] extracted = Hpke.labeledExtract(SUITE, new byte[0], "eae_prk", agreed);
        byte[] context = ByteBuffer.allocate(sent.length + publicKey.length)
                .put(sent)
                .put(publicKey)
                .array();
        try {
            return Hpke.labeledExpand(SUITE, extracted, "shared_secret", context, SECRET_LENGTH);
        } finally {
            Arrays.fill(agreed, (byte) 0);
            Arrays.fill(extracted, (byte) 0);
        }
    }
}
