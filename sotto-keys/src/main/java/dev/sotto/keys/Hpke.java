package dev.sotto.keys;

import static java.nio.charset.StandardCharsets.US_ASCII;

import dev.sotto.keys.SealedDataException.Cause;
import java.nio.ByteBuffer;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.util.Arrays;
import javax.crypto.AEADBadTagException;
import javax.crypto.Cipher;
import javax.crypto.KDF;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.HKDFParameterSpec;
import javax.crypto.spec.SecretKeySpec;

/// HPKE (RFC 9180) as far as an export needs it: base mode, one message, HKDF-SHA256 and AES-256-GCM.
/// Written over the JDK's primitives, since the JDK itself has it from 26 on and without a hybrid
/// mechanism. Thread-safe.
final class Hpke {
    static final int KDF_ID = 0x0001;
    static final int AEAD_ID = 0x0002;
    static final int TAG_LENGTH = 16;

    private static final int KEY_LENGTH = 32;
    private static final int NONCE_LENGTH = 12;
    private static final int HASH_LENGTH = 32;
    private static final byte MODE_BASE = 0;
    private static final byte[] VERSION = "HPKE-v1".getBytes(US_ASCII);
    private static final byte[] NOTHING = new byte[0];

    private Hpke() {}

    /// The encapsulation and behind it the ciphertext (RFC 9180 section 6.1).
    ///
    /// @throws SealedDataException if the public key is refused
    static byte[] seal(Kem kem, byte[] publicKey, byte[] info, byte[] plaintext, SecureRandom random)
            throws SealedDataException {
        byte[] made = kem.encapsulate(publicKey, random);
        byte[] secret = Arrays.copyOfRange(made, kem.encapsulationLength(), made.length);
        byte[] schedule = schedule(kem, AEAD_ID, secret, info);
        try {
            byte[] sealed = cipher(Cipher.ENCRYPT_MODE, schedule).doFinal(plaintext);
            return ByteBuffer.allocate(kem.encapsulationLength() + sealed.length)
                    .put(made, 0, kem.encapsulationLength())
                    .put(sealed)
                    .array();
        } catch (GeneralSecurityException broken) {
            throw new IllegalStateException("the provider did not seal", broken);
        } finally {
            Arrays.fill(made, (byte) 0);
            Arrays.fill(secret, (byte) 0);
            Arrays.fill(schedule, (byte) 0);
        }
    }

    /// @param sealed what [#seal] gave
    /// @throws SealedDataException if anything about it is wrong
    static byte[] open(Kem kem, byte[] privateKey, byte[] info, byte[] sealed) throws SealedDataException {
        if (sealed.length < kem.encapsulationLength() + TAG_LENGTH) {
            throw new SealedDataException(Cause.LENGTH);
        }
        byte[] secret = kem.decapsulate(Arrays.copyOf(sealed, kem.encapsulationLength()), privateKey);
        byte[] schedule = schedule(kem, AEAD_ID, secret, info);
        try {
            return cipher(Cipher.DECRYPT_MODE, schedule)
                    .doFinal(sealed, kem.encapsulationLength(), sealed.length - kem.encapsulationLength());
        } catch (AEADBadTagException altered) {
            throw new SealedDataException(Cause.KEY_INVALID);
        } catch (GeneralSecurityException broken) {
            throw new IllegalStateException("the provider did not open", broken);
        } finally {
            Arrays.fill(secret, (byte) 0);
            Arrays.fill(schedule, (byte) 0);
        }
    }

    private static Cipher cipher(int mode, byte[] schedule) throws GeneralSecurityException {
        var cipher = Cipher.getInstance("AES/GCM/NoPadding");
        cipher.init(
                mode,
                new SecretKeySpec(schedule, 0, KEY_LENGTH, "AES"),
                new GCMParameterSpec(Byte.SIZE * TAG_LENGTH, schedule, KEY_LENGTH, NONCE_LENGTH));
        return cipher;
    }

    /// Key and base nonce (RFC 9180 section 5.1), without a pre-shared key.
    static byte[] schedule(Kem kem, int aeadId, byte[] sharedSecret, byte[] info) {
        byte[] suite = ByteBuffer.allocate(10)
                .put("HPKE".getBytes(US_ASCII))
                .putShort((short) kem.id())
                .putShort((short) KDF_ID)
                .putShort((short) aeadId)
                .array();
        byte[] context = ByteBuffer.allocate(1 + 2 * HASH_LENGTH)
                .put(MODE_BASE)
                .put(labeledExtract(suite, NOTHING, "psk_id_hash", NOTHING))
                .put(labeledExtract(suite, NOTHING, "info_hash", info))
                .array();
        byte[] secret = labeledExtract(suite, sharedSecret, "secret", NOTHING);
        byte[] key = labeledExpand(suite, secret, "key", context, KEY_LENGTH);
        byte[] nonce = labeledExpand(suite, secret, "base_nonce", context, NONCE_LENGTH);
        try {
            return ByteBuffer.allocate(KEY_LENGTH + NONCE_LENGTH)
                    .put(key)
                    .put(nonce)
                    .array();
        } finally {
            Arrays.fill(secret, (byte) 0);
            Arrays.fill(key, (byte) 0);
        }
    }

    static byte[] labeledExtract(byte[] suite, byte[] salt, String label, byte[] material) {
        byte[] labeled = join(VERSION, suite, label.getBytes(US_ASCII), material);
        var extract = HKDFParameterSpec.ofExtract().addIKM(labeled);
        try {
            return hkdf().deriveData((salt.length == 0 ? extract : extract.addSalt(salt)).extractOnly());
        } catch (GeneralSecurityException broken) {
            throw new IllegalStateException("the provider did not extract", broken);
        } finally {
            Arrays.fill(labeled, (byte) 0);
        }
    }

    static byte[] labeledExpand(byte[] suite, byte[] key, String label, byte[] info, int length) {
        byte[] labeled = join(
                new byte[] {(byte) (length >>> Byte.SIZE), (byte) length},
                VERSION,
                suite,
                label.getBytes(US_ASCII),
                info);
        try {
            var prk = new SecretKeySpec(key, "Generic");
            return hkdf().deriveData(HKDFParameterSpec.expandOnly(prk, labeled, length));
        } catch (GeneralSecurityException broken) {
            throw new IllegalStateException("the provider did not expand", broken);
        }
    }

    private static KDF hkdf() throws GeneralSecurityException {
        return KDF.getInstance("HKDF-SHA256");
    }

    private static byte[] join(byte[]... parts) {
        int length = 0;
        for (byte[] part : parts) {
            length += part.length;
        }
        var out = ByteBuffer.allocate(length);
        for (byte[] part : parts) {
            out.put(part);
        }
        return out.array();
    }
}
