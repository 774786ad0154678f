package dev.sotto.audit;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.sotto.core.RejectedException;
import dev.sotto.testkit.Samples;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class CheckpointKeysTest {
    private static final CheckpointKeys KEYS = LogFixture.KEYS;
    private static final Checkpoint CHECKPOINT =
            new Checkpoint(LogFixture.ORIGIN, 123, MerkleTree.leaf(new byte[] {1}), MerkleTree.leaf(new byte[] {2}));
    private static final Instant AT = Instant.ofEpochSecond(1_800_000_000);

    @Test
    void sign_bothSignaturesHold_andTellTheTime() {
        SignedCheckpoint signed = KEYS.signer().sign(CHECKPOINT, AT.plusMillis(900));

        assertThat(SignedCheckpoint.parse(signed.note())).isEqualTo(signed);
        assertThat(signed.check(KEYS.publicKeys())).isEqualTo(new SignedCheckpoint.Check.Signed(Optional.of(AT)));
        assertThat(signed.note().lines().filter(line -> line.startsWith("— "))).hasSize(2);
        assertThat(signed.note())
                .startsWith(LogFixture.ORIGIN + "\n123\n" + CHECKPOINT.root().base64() + "\ntenants ");
    }

    @Test
    void publicKeys_areVkeys_oneOfEachKind() {
        assertThat(KEYS.publicKeys().vkeys())
                .hasSize(2)
                .allMatch(vkey -> vkey.startsWith(LogFixture.ORIGIN + "+"))
                .anyMatch(vkey -> vkey.split("\\+", 3)[2].startsWith("A"))
                .anyMatch(vkey -> vkey.split("\\+", 3)[2].startsWith("B"));
        List<VerifierKey> keys = KEYS.publicKeys().named(LogFixture.ORIGIN);
        assertThat(keys).extracting(VerifierKey::type).containsExactly(SignatureType.ED25519, SignatureType.ML_DSA_44);
        assertThat(keys)
                .extracting(VerifierKey::vkey)
                .isEqualTo(KEYS.publicKeys().vkeys());
    }

    @Test
    void encodePrivate_decodesToTheSameKeys() {
        CheckpointKeys again = CheckpointKeys.decode(KEYS.encodePrivate());

        assertThat(again.publicKeys()).isEqualTo(KEYS.publicKeys());
        assertThat(again.name()).isEqualTo(KEYS.name());
        assertThat(again.signer().sign(CHECKPOINT, AT).check(KEYS.publicKeys()))
                .isInstanceOf(SignedCheckpoint.Check.Signed.class);
        assertThat(KEYS.toString()).isEqualTo("CheckpointKeys[sotto.test/audit/node-1]");
    }

    @Test
    void generateClassical_signsByEd25519Alone_andSaysSoInItsPublicKeys() {
        CheckpointKeys classical = CheckpointKeys.generateClassical(LogFixture.ORIGIN);
        CheckpointKeys again = CheckpointKeys.decode(classical.encodePrivate());

        SignedCheckpoint signed = again.signer().sign(CHECKPOINT, AT);

        assertThat(classical.encodePrivate()[0]).isEqualTo((byte) 2);
        assertThat(again.publicKeys()).isEqualTo(classical.publicKeys());
        assertThat(again.publicKeys().named(LogFixture.ORIGIN))
                .extracting(VerifierKey::type)
                .containsExactly(SignatureType.ED25519);
        assertThat(signed.check(classical.publicKeys())).isEqualTo(new SignedCheckpoint.Check.Signed(Optional.empty()));
        assertThat(signed.check(KEYS.publicKeys())).isInstanceOf(SignedCheckpoint.Check.Refused.class);
    }

    /// Where both keys are trusted, the weaker alone is not enough, whoever made the note.
    @Test
    void check_withoutTheSecondSignature_isRefusedWhereItsKeyIsTrusted() {
        byte[] both = KEYS.encodePrivate();
        int second = 1;
        for (int part = 0; part < 3; part++) {
            second += Integer.BYTES + ByteBuffer.wrap(both).getInt(second);
        }
        byte[] first = Arrays.copyOf(both, second);
        first[0] = 2;

        SignedCheckpoint signed = CheckpointKeys.decode(first).signer().sign(CHECKPOINT, AT);

        assertThat(signed.check(KEYS.publicKeys()))
                .isEqualTo(new SignedCheckpoint.Check.Refused("it has no ML-DSA-44 signature of a trusted key"));
    }

    @Test
    void decode_damaged_isRejectedOrUnchanged() {
        byte[] encoded = KEYS.encodePrivate();
        Samples.forAll(60, random -> random, random -> {
            byte[] cut = Arrays.copyOf(encoded, random.nextInt(encoded.length));
            assertThatExceptionOfType(RejectedException.class).isThrownBy(() -> CheckpointKeys.decode(cut));
        });
        byte[] longer = Arrays.copyOf(encoded, encoded.length + 1);
        assertThatExceptionOfType(RejectedException.class).isThrownBy(() -> CheckpointKeys.decode(longer));
        byte[] swapped = KEYS.encodePrivate();
        byte[] others = CheckpointKeys.generate(LogFixture.ORIGIN).encodePrivate();
        int half = encoded.length / 2;
        System.arraycopy(others, half, swapped, half, encoded.length - half);
        assertThatExceptionOfType(RejectedException.class)
                .isThrownBy(() -> CheckpointKeys.decode(swapped))
                .withMessageContaining("not of its public key");
    }

    @Test
    void check_anyBitOfTheNoteFlipped_isRefused() {
        byte[] note = KEYS.signer().sign(CHECKPOINT, AT).note().getBytes(UTF_8);
        Samples.forAll(300, random -> random.nextInt(note.length * 8), bit -> {
            byte[] flipped = note.clone();
            flipped[bit / 8] ^= (byte) (1 << (bit % 8));
            assertThat(holds(flipped)).isFalse();
        });
    }

    private static boolean holds(byte[] note) {
        try {
            return SignedCheckpoint.parse(note).check(KEYS.publicKeys()) instanceof SignedCheckpoint.Check.Signed;
        } catch (RejectedException malformed) {
            return false;
        }
    }

    @Test
    void check_timeInTheFutureOfSignature_isBoundIntoIt() {
        SignedCheckpoint one = KEYS.signer().sign(CHECKPOINT, AT);
        SignedNote note = SignedNote.parse(one.note());
        byte[] moved = note.lines().getLast().signatureBytes();
        moved[7] ^= 1;
        VerifierKey key = KEYS.publicKeys().named(LogFixture.ORIGIN).getLast();
        SignedCheckpoint later =
                SignedCheckpoint.signed(CHECKPOINT, List.of(note.lines().getFirst(), SignedNote.Line.of(key, moved)));
        assertThat(later.check(KEYS.publicKeys()))
                .isEqualTo(new SignedCheckpoint.Check.Refused("its ML-DSA-44 signature is wrong"));
    }

    @Test
    void check_keysOfAnotherOrigin_isRefused() {
        SignedCheckpoint signed = KEYS.signer().sign(CHECKPOINT, AT);
        assertThat(signed.check(CheckpointKeys.generate("other.example").publicKeys()))
                .isEqualTo(new SignedCheckpoint.Check.Refused("no trusted key is for its origin"));
        TrustedKeys classicalOnly =
                new TrustedKeys(List.of(KEYS.publicKeys().vkeys().getFirst()));
        assertThat(signed.check(classicalOnly)).isEqualTo(new SignedCheckpoint.Check.Signed(Optional.empty()));
    }

    @Test
    void check_afterKeysWereChanged_holdsWithBoth() {
        TrustedKeys both =
                CheckpointKeys.generate(LogFixture.ORIGIN).publicKeys().and(KEYS.publicKeys());
        assertThat(KEYS.signer().sign(CHECKPOINT, AT).check(both)).isInstanceOf(SignedCheckpoint.Check.Signed.class);
    }

    @Test
    void trustedKeys_fileComesBack_andWrongLinesAreRejected(@TempDir Path directory) throws Exception {
        Path file = directory.resolve("trusted");
        KEYS.publicKeys().write(file);
        assertThat(TrustedKeys.read(file)).isEqualTo(KEYS.publicKeys());
        Files.writeString(file, "# the clinic's log\n\n" + Files.readString(file));
        assertThat(TrustedKeys.read(file)).isEqualTo(KEYS.publicKeys());

        String vkey = KEYS.publicKeys().vkeys().getFirst();
        for (String wrong : List.of(
                "",
                "hello",
                vkey.replace("A", "B"),
                vkey.substring(0, vkey.length() - 4),
                vkey.replaceFirst("node-1", "node-2"),
                vkey.replaceFirst("\\+", "+0"),
                "a b" + vkey)) {
            assertThatExceptionOfType(RejectedException.class).isThrownBy(() -> TrustedKeys.parse(wrong));
        }
        assertThatExceptionOfType(RejectedException.class)
                .isThrownBy(() -> TrustedKeys.read(directory.resolve("missing")));
    }
}
