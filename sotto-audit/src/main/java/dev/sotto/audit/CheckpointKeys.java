package dev.sotto.audit;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.sotto.core.RejectedException;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.security.KeyPair;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// The key pairs that sign a log's checkpoints: Ed25519 and ML-DSA-44, or Ed25519 alone where the second is not
/// approved. Immutable, thread-safe. Prints only its name.
public final class CheckpointKeys {
    private static final byte FORMAT = 1;
    private static final byte FORMAT_CLASSICAL = 2;
    private static final int LARGEST_PART_BYTES = 16_384;

    private final String name;
    private final KeyPair classical;
    private final @Nullable KeyPair postQuantum;

    private CheckpointKeys(String name, KeyPair classical, @Nullable KeyPair postQuantum) {
        this.name = name;
        this.classical = classical;
        this.postQuantum = postQuantum;
    }

    /// New keys for the log with the origin `name`.
    public static CheckpointKeys generate(String name) {
        Checkpoint.requireOrigin(name);
        return new CheckpointKeys(name, SignatureType.ED25519.generate(), SignatureType.ML_DSA_44.generate());
    }

    /// As [#generate], of Ed25519 alone: for a FIPS distribution, whose module has no ML-DSA.
    public static CheckpointKeys generateClassical(String name) {
        Checkpoint.requireOrigin(name);
        return new CheckpointKeys(name, SignatureType.ED25519.generate(), null);
    }

    /// Private keys (PKCS #8) and public keys, in clear: seal it before it is kept. Layout:
    /// `docs/spec/audit-log.md`, "Private keys".
    public byte[] encodePrivate() {
        List<byte[]> parts = new ArrayList<>(List.of(
                name.getBytes(UTF_8),
                classical.getPrivate().getEncoded(),
                SignatureType.ED25519.rawPublicKey(classical.getPublic())));
        if (postQuantum != null) {
            parts.add(postQuantum.getPrivate().getEncoded());
            parts.add(SignatureType.ML_DSA_44.rawPublicKey(postQuantum.getPublic()));
        }
        int size = parts.stream().mapToInt(part -> Integer.BYTES + part.length).sum();
        ByteBuffer out = ByteBuffer.allocate(1 + size).put(postQuantum == null ? FORMAT_CLASSICAL : FORMAT);
        parts.forEach(part -> out.putInt(part.length).put(part));
        return out.array();
    }

    /// Reads what [#encodePrivate()] wrote, and checks that each private key belongs to its public key.
    ///
    /// @throws RejectedException if it is not that
    public static CheckpointKeys decode(byte[] encoded) {
        ByteBuffer in = ByteBuffer.wrap(encoded);
        try {
            byte format = in.get();
            if (format != FORMAT && format != FORMAT_CLASSICAL) {
                throw malformed("format must be 1 or 2");
            }
            String name = new String(part(in), UTF_8);
            if (!Checkpoint.isOrigin(name)) {
                throw malformed("name is malformed");
            }
            KeyPair classical = pair(SignatureType.ED25519, part(in), part(in));
            KeyPair postQuantum = format == FORMAT ? pair(SignatureType.ML_DSA_44, part(in), part(in)) : null;
            if (in.hasRemaining()) {
                throw malformed("have bytes after their end");
            }
            return new CheckpointKeys(name, classical, postQuantum);
        } catch (BufferUnderflowException cut) {
            throw new RejectedException(AuditError.AUDIT_KEY, "checkpoint keys are cut", cut);
        }
    }

    private static byte[] part(ByteBuffer in) {
        int length = in.getInt();
        if (length < 0 || length > LARGEST_PART_BYTES || length > in.remaining()) {
            throw malformed("have a part of a wrong length");
        }
        byte[] part = new byte[length];
        in.get(part);
        return part;
    }

    private static KeyPair pair(SignatureType type, byte[] pkcs8, byte[] raw) {
        KeyPair pair = new KeyPair(type.publicKey(raw), type.privateKey(pkcs8));
        byte[] probe = "sotto checkpoint key check".getBytes(UTF_8);
        if (!type.verifies(pair.getPublic(), probe, type.sign(pair.getPrivate(), probe))) {
            throw malformed("hold a private key that is not of its public key");
        }
        return pair;
    }

    public String name() {
        return name;
    }

    public TrustedKeys publicKeys() {
        return new TrustedKeys(
                postQuantum == null
                        ? List.of(classicalKey().vkey())
                        : List.of(
                                classicalKey().vkey(),
                                postQuantumKey(postQuantum).vkey()));
    }

    public CheckpointSigner signer() {
        return new KeysSigner(name, publicKeys());
    }

    private VerifierKey classicalKey() {
        return VerifierKey.of(name, SignatureType.ED25519, classical.getPublic());
    }

    private VerifierKey postQuantumKey(KeyPair pair) {
        return VerifierKey.of(name, SignatureType.ML_DSA_44, pair.getPublic());
    }

    @Override
    public String toString() {
        return "CheckpointKeys[" + name + "]";
    }

    private static RejectedException malformed(String rule) {
        return new RejectedException(AuditError.AUDIT_KEY, "checkpoint keys " + rule);
    }

    private final class KeysSigner implements CheckpointSigner {
        private final String name;
        private final TrustedKeys publicKeys;

        KeysSigner(String name, TrustedKeys publicKeys) {
            this.name = name;
            this.publicKeys = publicKeys;
        }

        @Override
        public String name() {
            return name;
        }

        @Override
        public TrustedKeys publicKeys() {
            return publicKeys;
        }

        @Override
        public SignedCheckpoint sign(Checkpoint checkpoint, Instant at) {
            if (!checkpoint.origin().equals(name)) {
                throw new IllegalArgumentException("checkpoint is of another origin than these keys");
            }
            byte[] text = checkpoint.noteText().getBytes(UTF_8);
            List<SignedNote.Line> lines = new ArrayList<>();
            lines.add(SignedNote.Line.of(classicalKey(), SignatureType.ED25519.sign(classical.getPrivate(), text)));
            if (postQuantum != null) {
                lines.add(SignedNote.Line.of(postQuantumKey(postQuantum), cosigned(postQuantum, checkpoint, at)));
            }
            return SignedCheckpoint.signed(checkpoint, lines);
        }

        private byte[] cosigned(KeyPair pair, Checkpoint checkpoint, Instant at) {
            byte[] signature = SignatureType.ML_DSA_44.sign(
                    pair.getPrivate(), SignedCheckpoint.cosignedMessage(name, at.getEpochSecond(), checkpoint));
            return ByteBuffer.allocate(Long.BYTES + signature.length)
                    .putLong(at.getEpochSecond())
                    .put(signature)
                    .array();
        }
    }
}
