package dev.sotto.keys;

import static java.nio.charset.StandardCharsets.US_ASCII;

import dev.sotto.keys.SealedDataException.Cause;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.util.Arrays;

/// X-Wing (draft-connolly-cfrg-xwing-kem), the hybrid of X25519 and ML-KEM-768: safe as long as one of the
/// two is. Thread-safe.
///
/// A private key is the seed of ML-KEM, 64 bytes, and the scalar of X25519, 32: what the draft expands its
/// seed of 32 bytes to. Who has a seed of the draft's can use it here expanded by SHAKE-256; not the other
/// way round.
record XWing() implements Kem {
    private static final int ID = 0x647a;
    private static final byte[] LABEL = "\\.//^\\".getBytes(US_ASCII);

    @Override
    public int id() {
        return ID;
    }

    @Override
    public int encapsulationLength() {
        return MlKem.CIPHERTEXT_LENGTH + X25519.LENGTH;
    }

    @Override
    public int publicKeyLength() {
        return MlKem.PUBLIC_LENGTH + X25519.LENGTH;
    }

    @Override
    public int privateKeyLength() {
        return MlKem.SEED_LENGTH + X25519.LENGTH;
    }

    @Override
    public byte[] generate(SecureRandom random) {
        byte[] key = new byte[privateKeyLength()];
        random.nextBytes(key);
        return key;
    }

    @Override
    public byte[] publicKey(byte[] privateKey) {
        byte[] seed = Arrays.copyOf(privateKey, MlKem.SEED_LENGTH);
        byte[] scalar = Arrays.copyOfRange(privateKey, MlKem.SEED_LENGTH, privateKey.length);
        try {
            return ByteBuffer.allocate(publicKeyLength())
                    .put(MlKem.publicKey(seed))
                    .put(X25519.publicKey(scalar))
                    .array();
        } finally {
            Arrays.fill(seed, (byte) 0);
            Arrays.fill(scalar, (byte) 0);
        }
    }

    @Override
    public byte[] encapsulate(byte[] publicKey, SecureRandom random) throws SealedDataException {
        requireLength(publicKey, publicKeyLength());
        byte[] point = Arrays.copyOfRange(publicKey, MlKem.PUBLIC_LENGTH, publicKey.length);
        byte[] quantum = MlKem.encapsulate(Arrays.copyOf(publicKey, MlKem.PUBLIC_LENGTH), random);
        byte[] ephemeral = X25519.generate(random);
        byte[] agreed = X25519.agree(ephemeral, point);
        byte[] sent = X25519.publicKey(ephemeral);
        byte[] first = Arrays.copyOfRange(quantum, MlKem.CIPHERTEXT_LENGTH, quantum.length);
        try {
            return ByteBuffer.allocate(encapsulationLength() + SECRET_LENGTH)
                    .put(quantum, 0, MlKem.CIPHERTEXT_LENGTH)
                    .put(sent)
                    .put(combine(first, agreed, sent, point))
                    .array();
        } finally {
            Arrays.fill(ephemeral, (byte) 0);
            Arrays.fill(agreed, (byte) 0);
            Arrays.fill(first, (byte) 0);
            Arrays.fill(quantum, (byte) 0);
        }
    }

    @Override
    public byte[] decapsulate(byte[] encapsulation, byte[] privateKey) throws SealedDataException {
        requireLength(encapsulation, encapsulationLength());
        byte[] seed = Arrays.copyOf(privateKey, MlKem.SEED_LENGTH);
        byte[] scalar = Arrays.copyOfRange(privateKey, MlKem.SEED_LENGTH, privateKey.length);
        byte[] sent = Arrays.copyOfRange(encapsulation, MlKem.CIPHERTEXT_LENGTH, encapsulation.length);
        byte[] agreed = X25519.agree(scalar, sent);
        byte[] first = MlKem.decapsulate(Arrays.copyOf(encapsulation, MlKem.CIPHERTEXT_LENGTH), seed);
        try {
            return combine(first, agreed, sent, X25519.publicKey(scalar));
        } finally {
            Arrays.fill(seed, (byte) 0);
            Arrays.fill(scalar, (byte) 0);
            Arrays.fill(agreed, (byte) 0);
            Arrays.fill(first, (byte) 0);
        }
    }

    private static void requireLength(byte[] bytes, int length) throws SealedDataException {
        if (bytes.length != length) {
            throw new SealedDataException(Cause.LENGTH);
        }
    }

    private static byte[] combine(byte[] quantum, byte[] agreed, byte[] sent, byte[] point) {
        try {
            var hash = MessageDigest.getInstance("SHA3-256");
            hash.update(quantum);
            hash.update(agreed);
            hash.update(sent);
            hash.update(point);
            return hash.digest(LABEL);
        } catch (NoSuchAlgorithmException absent) {
            throw new IllegalStateException("this Java runtime has no SHA3-256", absent);
        }
    }
}
