package dev.sotto.keys;

import dev.sotto.keys.SealedDataException.Cause;
import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.InvalidKeyException;
import java.security.KeyFactory;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.security.spec.NamedParameterSpec;
import java.security.spec.XECPrivateKeySpec;
import java.security.spec.XECPublicKeySpec;
import javax.crypto.KeyAgreement;

/// X25519 (RFC 7748) over raw bytes, by the provider. Thread-safe.
final class X25519 {
    static final int LENGTH = 32;

    private static final byte[] BASE = new byte[LENGTH];

    static {
        BASE[0] = 9;
    }

    private X25519() {}

    /// Whether the provider has it: the JDK does, the FIPS module does not.
    static boolean isPresent() {
        try {
            KeyFactory.getInstance("X25519");
            KeyAgreement.getInstance("X25519");
            return true;
        } catch (NoSuchAlgorithmException absent) {
            return false;
        }
    }

    static byte[] generate(SecureRandom random) {
        byte[] scalar = new byte[LENGTH];
        random.nextBytes(scalar);
        return scalar;
    }

    static byte[] publicKey(byte[] scalar) {
        try {
            return agree(scalar, BASE);
        } catch (SealedDataException impossible) {
            throw new IllegalStateException("the provider refused the base point", impossible);
        }
    }

    /// @throws SealedDataException if the point is of low order, so that the result is zero (RFC 7748
    ///     section 6.1)
    static byte[] agree(byte[] scalar, byte[] point) throws SealedDataException {
        if (scalar.length != LENGTH || point.length != LENGTH) {
            throw new SealedDataException(Cause.LENGTH);
        }
        try {
            var keys = KeyFactory.getInstance("X25519");
            var agreement = KeyAgreement.getInstance("X25519");
            agreement.init(keys.generatePrivate(new XECPrivateKeySpec(NamedParameterSpec.X25519, scalar)));
            agreement.doPhase(keys.generatePublic(new XECPublicKeySpec(NamedParameterSpec.X25519, u(point))), true);
            byte[] shared = agreement.generateSecret();
            if (MessageDigest.isEqual(shared, new byte[LENGTH])) {
                throw new SealedDataException(Cause.KEY_INVALID);
            }
            return shared;
        } catch (InvalidKeyException lowOrder) {
            throw new SealedDataException(Cause.KEY_INVALID);
        } catch (GeneralSecurityException absent) {
            throw new IllegalStateException("this Java runtime has no X25519", absent);
        }
    }

    /// The coordinate: little-endian, its highest bit ignored (RFC 7748 section 5).
    private static BigInteger u(byte[] point) {
        byte[] bigEndian = new byte[LENGTH];
        for (int i = 0; i < LENGTH; i++) {
            bigEndian[i] = point[LENGTH - 1 - i];
        }
        bigEndian[0] &= 0x7f;
        return new BigInteger(1, bigEndian);
    }
}
