package dev.sotto.audit;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.sotto.core.RejectedException;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/// A checkpoint and the note it was signed as. Reading one proves nothing: ask [#check(TrustedKeys)].
///
/// @param checkpoint what the note says
/// @param note the exact text, signature lines included
public record SignedCheckpoint(Checkpoint checkpoint, String note) {
    static final String TENANTS = "tenants ";
    private static final int LINES = 4;
    private static final int TIMESTAMP_BYTES = Long.BYTES;
    /// `label[12]` of tlog-cosignature, "ML-DSA-44 signed message".
    private static final byte[] LABEL = "subtree/v1\n\0".getBytes(UTF_8);

    public SignedCheckpoint {
        if (!note.startsWith(checkpoint.noteText() + "\n")) {
            throw new IllegalArgumentException("note must be of the checkpoint");
        }
    }

    /// What checking the signatures of a note found.
    public sealed interface Check {
        /// At least one trusted key of each kind that the keys name for this origin signed it.
        ///
        /// @param signedAt the time in the ML-DSA signature, to the second; empty if no such key is trusted
        record Signed(Optional<Instant> signedAt) implements Check {}

        /// It must not be believed; `reason` is one lower-case phrase.
        record Refused(String reason) implements Check {}
    }

    /// Reads a note, without checking its signatures.
    ///
    /// @throws RejectedException if `note` is not a checkpoint of this format
    public static SignedCheckpoint parse(String note) {
        return of(SignedNote.parse(note));
    }

    static SignedCheckpoint parse(byte[] note) {
        return of(SignedNote.parse(note));
    }

    private static SignedCheckpoint of(SignedNote note) {
        String[] lines = note.text().split("\n", -1);
        if (lines.length != LINES + 1 || !Checkpoint.isOrigin(lines[0]) || !lines[3].startsWith(TENANTS)) {
            throw malformed("must be origin, size, root hash and tenants");
        }
        return new SignedCheckpoint(
                new Checkpoint(lines[0], size(lines[1]), hash(lines[2]), hash(lines[3].substring(TENANTS.length()))),
                note.format());
    }

    private static long size(String text) {
        try {
            long size = Long.parseLong(text);
            if (size >= 0 && Long.toString(size).equals(text)) {
                return size;
            }
        } catch (NumberFormatException malformed) {
            throw new RejectedException(AuditError.AUDIT_CHECKPOINT, "checkpoint size is not a number", malformed);
        }
        throw malformed("size must be a decimal number without leading zeroes");
    }

    private static MerkleHash hash(String text) {
        return SignedNote.decodeBase64(text)
                .filter(bytes -> bytes.length == MerkleHash.SIZE_BYTES)
                .map(MerkleHash::of)
                .orElseThrow(() -> malformed("hash must be base64 of 32 bytes"));
    }

    /// Checks every signature that says to be of a trusted key. Signatures of unknown keys are ignored, as C2SP
    /// signed-note asks; one of a known key that fails refuses the note; and of each kind of key that `keys`
    /// name for this origin, one must have signed: nobody can strip the stronger signature and keep the weaker.
    public Check check(TrustedKeys keys) {
        Set<SignatureType> wanted = keys.named(checkpoint.origin()).stream()
                .map(VerifierKey::type)
                .collect(Collectors.toCollection(() -> EnumSet.noneOf(SignatureType.class)));
        if (wanted.isEmpty()) {
            return new Check.Refused("no trusted key is for its origin");
        }
        Optional<Instant> signedAt = Optional.empty();
        for (SignedNote.Line line : SignedNote.parse(note).lines()) {
            Optional<VerifierKey> key = keys.find(line.name(), line.keyId());
            if (key.isEmpty() || !key.get().name().equals(checkpoint.origin())) {
                continue;
            }
            SignatureType type = key.get().type();
            if (!verifies(key.get(), line.signatureBytes())) {
                return new Check.Refused("its %s signature is wrong".formatted(type.algorithm()));
            }
            wanted.remove(type);
            if (type == SignatureType.ML_DSA_44) {
                signedAt = Optional.of(Instant.ofEpochSecond(timestamp(line.signatureBytes())));
            }
        }
        return wanted.isEmpty()
                ? new Check.Signed(signedAt)
                : new Check.Refused("it has no %s signature of a trusted key"
                        .formatted(wanted.iterator().next().algorithm()));
    }

    private boolean verifies(VerifierKey key, byte[] signature) {
        return switch (key.type()) {
            case ED25519 -> key.type().verifies(key.key(), checkpoint.noteText().getBytes(UTF_8), signature);
            case ML_DSA_44 -> {
                if (signature.length != TIMESTAMP_BYTES + key.type().signatureBytes() || timestamp(signature) < 0) {
                    yield false;
                }
                byte[] message = cosignedMessage(key.name(), timestamp(signature), checkpoint);
                byte[] signed = new byte[key.type().signatureBytes()];
                ByteBuffer.wrap(signature).position(TIMESTAMP_BYTES).get(signed);
                yield key.type().verifies(key.key(), message, signed);
            }
        };
    }

    private static long timestamp(byte[] signature) {
        return ByteBuffer.wrap(signature).getLong();
    }

    /// `cosigned_message` of tlog-cosignature for a whole tree.
    static byte[] cosignedMessage(String name, long timestampSeconds, Checkpoint checkpoint) {
        byte[] cosigner = name.getBytes(UTF_8);
        byte[] origin = checkpoint.origin().getBytes(UTF_8);
        return ByteBuffer.allocate(
                        LABEL.length + 2 + cosigner.length + origin.length + 3 * Long.BYTES + MerkleHash.SIZE_BYTES)
                .put(LABEL)
                .put((byte) cosigner.length)
                .put(cosigner)
                .putLong(timestampSeconds)
                .put((byte) origin.length)
                .put(origin)
                .putLong(0)
                .putLong(checkpoint.size())
                .put(checkpoint.root().bytes())
                .array();
    }

    static SignedCheckpoint signed(Checkpoint checkpoint, List<SignedNote.Line> lines) {
        return new SignedCheckpoint(checkpoint, new SignedNote(checkpoint.noteText(), lines).format());
    }

    private static RejectedException malformed(String rule) {
        return new RejectedException(AuditError.AUDIT_CHECKPOINT, "checkpoint " + rule);
    }
}
