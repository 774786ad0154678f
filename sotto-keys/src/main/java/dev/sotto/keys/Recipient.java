package dev.sotto.keys;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.util.Objects.requireNonNull;

import dev.sotto.core.RejectedException;
import dev.sotto.keys.SealedDataException.Cause;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;

/// The public key of somebody who may open exports, and how it is used: the suite is part of the key and is
/// never chosen by the sender. Immutable.
public final class Recipient {
    private static final String LABEL = "sotto-recipient";
    private static final int MAX_TEXT = 4096;

    /// How a recipient's key is used: HPKE (RFC 9180) in base mode with HKDF-SHA256 and AES-256-GCM, and
    /// one of these.
    public enum Suite {
        /// X25519 and ML-KEM-768 together (X-Wing): what is recorded now stays closed to a quantum computer
        /// later.
        X_WING("x-wing"),
        /// X25519 alone, for a recipient without ML-KEM.
        X25519("x25519");

        private static final Kem HYBRID = new XWing();
        private static final Kem CLASSICAL = new DhKem();

        private final String code;

        Suite(String code) {
            this.code = code;
        }

        /// The stable name.
        public String code() {
            return code;
        }

        /// Whether this Java runtime has what the suite needs.
        public boolean isPresent() {
            return dev.sotto.keys.X25519.isPresent() && (this == X25519 || MlKem.isPresent());
        }

        /// @throws RejectedException if it is not present
        void require() {
            if (!isPresent()) {
                throw new RejectedException(
                        KeysError.CRYPTO_NOT_APPROVED,
                        "the suite of the recipient (%s) is not in what encrypts here (%s)"
                                .formatted(code, CryptoProvider.inUse().module()));
            }
        }

        /// The best one that this Java runtime has.
        public static Suite best() {
            return X_WING.isPresent() ? X_WING : X25519;
        }

        /// Reads a stable name.
        ///
        /// @throws RejectedException if no suite has it
        public static Suite ofCode(String code) {
            for (var suite : values()) {
                if (suite.code.equals(code)) {
                    return suite;
                }
            }
            throw new RejectedException(KeysError.RECIPIENT_INVALID, "suite must be x-wing or x25519");
        }

        static Suite ofId(int id) throws SealedDataException {
            for (var suite : values()) {
                if (suite.kem().id() == id) {
                    return suite;
                }
            }
            throw new SealedDataException(Cause.HEADER);
        }

        Kem kem() {
            return switch (this) {
                case X_WING -> HYBRID;
                case X25519 -> CLASSICAL;
            };
        }
    }

    private final Suite suite;
    private final byte[] publicKey;

    Recipient(Suite suite, byte[] publicKey) {
        this.suite = requireNonNull(suite, "suite");
        if (publicKey.length != suite.kem().publicKeyLength()) {
            throw new IllegalArgumentException("public key (%d bytes) must have %d bytes"
                    .formatted(publicKey.length, suite.kem().publicKeyLength()));
        }
        this.publicKey = publicKey.clone();
    }

    /// Reads a line that [#text()] wrote.
    ///
    /// @throws RejectedException if it is not such a line, or its digits do not match its fingerprint
    public static Recipient parse(String text) {
        var parts = text.strip().split(" ", -1);
        if (text.length() > MAX_TEXT || parts.length != 4 || !parts[0].equals(LABEL)) {
            throw malformed();
        }
        var suite = Suite.ofCode(parts[1]);
        byte[] key;
        try {
            key = Base64.getDecoder().decode(parts[2]);
        } catch (IllegalArgumentException noBase64) {
            throw malformed();
        }
        if (key.length != suite.kem().publicKeyLength()) {
            throw malformed();
        }
        var recipient = new Recipient(suite, key);
        if (!recipient.fingerprint().equals(parts[3])) {
            throw malformed();
        }
        return recipient;
    }

    private static RejectedException malformed() {
        return new RejectedException(
                KeysError.RECIPIENT_INVALID,
                "a recipient's public key must be one line: sotto-recipient, suite, key, fingerprint");
    }

    public Suite suite() {
        return suite;
    }

    /// The key as one line, to be handed to whoever seals for the recipient. Not secret, but it must be the
    /// right one: compare [#fingerprint()] over another way.
    public String text() {
        return String.join(" ", LABEL, suite.code, Base64.getEncoder().encodeToString(publicKey), fingerprint());
    }

    /// SHA-256 of suite and key, in lower-case hex.
    public String fingerprint() {
        return HexFormat.of().formatHex(id());
    }

    byte[] publicKey() {
        return publicKey.clone();
    }

    byte[] id() {
        try {
            return MessageDigest.getInstance("SHA-256")
                    .digest(Parts.lengthPrefixed(
                            LABEL.getBytes(US_ASCII),
                            ByteBuffer.allocate(Short.BYTES)
                                    .putShort((short) suite.kem().id())
                                    .array(),
                            publicKey));
        } catch (NoSuchAlgorithmException absent) {
            throw new IllegalStateException("this Java runtime has no SHA-256", absent);
        }
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Recipient that && suite == that.suite && Arrays.equals(publicKey, that.publicKey);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(publicKey);
    }

    @Override
    public String toString() {
        return "recipient " + fingerprint();
    }
}
