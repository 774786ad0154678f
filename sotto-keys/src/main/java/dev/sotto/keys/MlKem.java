package dev.sotto.keys;

import dev.sotto.keys.SealedDataException.Cause;
import java.nio.ByteBuffer;
import java.security.GeneralSecurityException;
import java.security.InvalidKeyException;
import java.security.KeyFactory;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.security.spec.InvalidKeySpecException;
import java.security.spec.NamedParameterSpec;
import java.security.spec.X509EncodedKeySpec;
import java.util.Arrays;
import java.util.HexFormat;
import javax.crypto.DecapsulateException;
import javax.crypto.KEM;

/// ML-KEM-768 (FIPS 203) over raw bytes, by the provider. A private key is its seed, `d || z` of FIPS 203
/// section 7.1. Thread-safe.
final class MlKem {
    static final int SEED_LENGTH = 64;
    static final int PUBLIC_LENGTH = 1184;
    static final int CIPHERTEXT_LENGTH = 1088;
    static final int SECRET_LENGTH = 32;

    private static final String NAME = "ML-KEM-768";

    /// What a SubjectPublicKeyInfo has before the key: id-alg-ml-kem-768 (RFC 9935 section 4).
    private static final byte[] SPKI = HexFormat.of().parseHex("308204b2300b0609608648016503040402038204a100");

    private MlKem() {}

    /// Whether the provider has it: the JDK from 24 on.
    static boolean isPresent() {
        try {
            KEM.getInstance(NAME);
            return true;
        } catch (NoSuchAlgorithmException absent) {
            return false;
        }
    }

    static byte[] publicKey(byte[] seed) {
        byte[] encoded = pair(seed).getPublic().getEncoded();
        return Arrays.copyOfRange(encoded, SPKI.length, encoded.length);
    }

    /// The ciphertext and behind it the shared secret.
    ///
    /// @throws SealedDataException if the key fails the checks of FIPS 203 section 7.2
    static byte[] encapsulate(byte[] publicKey, SecureRandom random) throws SealedDataException {
        try {
            byte[] encoded = ByteBuffer.allocate(SPKI.length + publicKey.length)
                    .put(SPKI)
                    .put(publicKey)
                    .array();
            var key = KeyFactory.getInstance(NAME).generatePublic(new X509EncodedKeySpec(encoded));
            var made = KEM.getInstance(NAME).newEncapsulator(key, random).encapsulate();
            return ByteBuffer.allocate(CIPHERTEXT_LENGTH + SECRET_LENGTH)
                    .put(made.encapsulation())
                    .put(made.key().getEncoded())
                    .array();
        } catch (InvalidKeyException | InvalidKeySpecException refused) {
            throw new SealedDataException(Cause.KEY_INVALID);
        } catch (GeneralSecurityException absent) {
            throw absent(absent);
        }
    }

    /// The shared secret; of an altered ciphertext another one, as FIPS 203 has it.
    static byte[] decapsulate(byte[] ciphertext, byte[] seed) throws SealedDataException {
        try {
            return KEM.getInstance(NAME)
                    .newDecapsulator(pair(seed).getPrivate())
                    .decapsulate(ciphertext)
                    .getEncoded();
        } catch (DecapsulateException refused) {
            throw new SealedDataException(Cause.KEY_INVALID);
        } catch (GeneralSecurityException absent) {
            throw absent(absent);
        }
    }

    private static KeyPair pair(byte[] seed) {
        try {
            var generator = KeyPairGenerator.getInstance(NAME);
            generator.initialize(NamedParameterSpec.ML_KEM_768, new Seed(seed));
            return generator.generateKeyPair();
        } catch (GeneralSecurityException absent) {
            throw absent(absent);
        }
    }

    private static IllegalStateException absent(GeneralSecurityException cause) {
        return new IllegalStateException("this Java runtime has no ML-KEM-768", cause);
    }

    /// Gives a generator the bytes of a seed, once. The JDK has no other way to make a key of its seed; to
    /// be replaced once it reads private keys that are seeds (RFC 9935 section 6). The published vectors
    /// hold the order.
    private static final class Seed extends SecureRandom {
        private static final long serialVersionUID = 1L;

        private final transient ByteBuffer rest;

        private Seed(byte[] seed) {
            super(null, null);
            this.rest = ByteBuffer.wrap(seed);
        }

        @Override
        public void nextBytes(byte[] into) {
            rest.get(into);
        }
    }
}
