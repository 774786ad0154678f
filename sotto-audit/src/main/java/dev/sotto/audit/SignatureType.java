package dev.sotto.audit;

import dev.sotto.core.RejectedException;
import dev.sotto.core.UnavailableException;
import java.security.GeneralSecurityException;
import java.security.InvalidKeyException;
import java.security.KeyFactory;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.Security;
import java.security.Signature;
import java.security.SignatureException;
import java.security.spec.InvalidKeySpecException;
import java.security.spec.PKCS8EncodedKeySpec;
import java.security.spec.X509EncodedKeySpec;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Optional;

/// The two kinds of signature the log makes. Providers are named, so that stored keys do not depend on the
/// order in which others are installed. A FIPS distribution has taken SunEC out before it comes here.
enum SignatureType {
    /// C2SP signed-note type 0x01: RFC 8032 over the note text.
    ED25519(
            0x01,
            "Ed25519",
            Security.getProvider("SunEC") == null ? "BCFIPS" : "SunEC",
            "302a300506032b6570032100",
            32,
            64),
    /// C2SP tlog-cosignature type 0x06: FIPS 204 over size, root and time, not over extension lines.
    ML_DSA_44(0x06, "ML-DSA-44", "SUN", "30820532300b06096086480165030403110382052100", 1312, 2420);

    private final byte identifier;
    private final String algorithm;
    private final String provider;
    private final String prefixHex;
    private final int publicKeyBytes;
    private final int signatureBytes;

    SignatureType(
            int identifier,
            String algorithm,
            String provider,
            String prefixHex,
            int publicKeyBytes,
            int signatureBytes) {
        this.identifier = (byte) identifier;
        this.algorithm = algorithm;
        this.provider = provider;
        this.prefixHex = prefixHex;
        this.publicKeyBytes = publicKeyBytes;
        this.signatureBytes = signatureBytes;
    }

    static Optional<SignatureType> of(byte identifier) {
        return Arrays.stream(values())
                .filter(type -> type.identifier == identifier)
                .findFirst();
    }

    byte identifier() {
        return identifier;
    }

    String algorithm() {
        return algorithm;
    }

    int signatureBytes() {
        return signatureBytes;
    }

    KeyPair generate() {
        try {
            return KeyPairGenerator.getInstance(algorithm, provider).generateKeyPair();
        } catch (GeneralSecurityException missing) {
            throw unsupported(missing);
        }
    }

    byte[] sign(PrivateKey key, byte[] message) {
        try {
            Signature signature = Signature.getInstance(algorithm, provider);
            signature.initSign(key);
            signature.update(message);
            return signature.sign();
        } catch (GeneralSecurityException failure) {
            throw unsupported(failure);
        }
    }

    boolean verifies(PublicKey key, byte[] message, byte[] signed) {
        if (signed.length != signatureBytes) {
            return false;
        }
        try {
            Signature signature = Signature.getInstance(algorithm, provider);
            signature.initVerify(key);
            signature.update(message);
            return signature.verify(signed);
        } catch (SignatureException | InvalidKeyException malformed) {
            return false;
        } catch (GeneralSecurityException missing) {
            throw unsupported(missing);
        }
    }

    /// The key as C2SP writes it: the end of its X.509 encoding.
    byte[] rawPublicKey(PublicKey key) {
        byte[] encoded = key.getEncoded();
        return Arrays.copyOfRange(encoded, encoded.length - publicKeyBytes, encoded.length);
    }

    PublicKey publicKey(byte[] raw) {
        if (raw.length != publicKeyBytes) {
            throw new RejectedException(
                    AuditError.AUDIT_KEY,
                    "public key (%s) must have %d bytes, not %d".formatted(algorithm, publicKeyBytes, raw.length));
        }
        byte[] prefix = HexFormat.of().parseHex(prefixHex);
        byte[] encoded = Arrays.copyOf(prefix, prefix.length + raw.length);
        System.arraycopy(raw, 0, encoded, prefix.length, raw.length);
        try {
            return KeyFactory.getInstance(algorithm, provider).generatePublic(new X509EncodedKeySpec(encoded));
        } catch (InvalidKeySpecException malformed) {
            throw new RejectedException(
                    AuditError.AUDIT_KEY, "public key (%s) is malformed".formatted(algorithm), malformed);
        } catch (GeneralSecurityException missing) {
            throw unsupported(missing);
        }
    }

    PrivateKey privateKey(byte[] pkcs8) {
        try {
            return KeyFactory.getInstance(algorithm, provider).generatePrivate(new PKCS8EncodedKeySpec(pkcs8));
        } catch (InvalidKeySpecException malformed) {
            throw new RejectedException(
                    AuditError.AUDIT_KEY, "private key (%s) is malformed".formatted(algorithm), malformed);
        } catch (GeneralSecurityException missing) {
            throw unsupported(missing);
        }
    }

    private UnavailableException unsupported(GeneralSecurityException cause) {
        return new UnavailableException(
                AuditError.AUDIT_ALGORITHM, "signature algorithm (%s) cannot be used".formatted(algorithm), cause);
    }
}
