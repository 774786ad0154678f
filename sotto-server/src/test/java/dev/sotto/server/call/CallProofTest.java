package dev.sotto.server.call;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sotto.audit.Checkpoint;
import dev.sotto.audit.CheckpointKeys;
import dev.sotto.audit.MerkleHash;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/// A log of two entries, made here: RFC 6962 section 2.1.
final class CallProofTest {
    private static final String ORIGIN = "test.example/log";
    private static final CheckpointKeys KEYS = CheckpointKeys.generate(ORIGIN);
    private static final MerkleHash FIRST = hash(1);
    private static final MerkleHash SECOND = hash(2);

    private static MerkleHash hash(int fill) {
        byte[] bytes = new byte[MerkleHash.SIZE_BYTES];
        Arrays.fill(bytes, (byte) fill);
        return MerkleHash.of(bytes);
    }

    private static MerkleHash node(MerkleHash left, MerkleHash right) {
        try {
            MessageDigest sha = MessageDigest.getInstance("SHA-256");
            sha.update((byte) 1);
            sha.update(left.bytes());
            return MerkleHash.of(sha.digest(right.bytes()));
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError(e);
        }
    }

    private static String note(CheckpointKeys keys) {
        var checkpoint = new Checkpoint(ORIGIN, 2, node(FIRST, SECOND), hash(9));
        return keys.signer().sign(checkpoint, Instant.EPOCH).note();
    }

    private static NodeApi.Entry entry(long sequence, MerkleHash leaf, MerkleHash sibling) {
        return new NodeApi.Entry(sequence, leaf.toString(), 2L, List.of(sibling.toString()));
    }

    private static CallProof check(@Nullable String note, boolean truncated, NodeApi.Entry... entries) {
        return CallProof.check(new NodeApi.Entries(List.of(entries), truncated, note), KEYS.publicKeys());
    }

    private static CallProof.Unproven unproven(int entries, String why) {
        return new CallProof.Unproven(entries, why);
    }

    @Test
    void check_everyEntryInTheSignedTree_isProven() {
        assertThat(check(note(KEYS), false, entry(0, FIRST, SECOND), entry(1, SECOND, FIRST)))
                .isEqualTo(new CallProof.Proven(2));
    }

    @Test
    void check_alteredEntry_isNot() {
        assertThat(check(note(KEYS), false, entry(0, FIRST, SECOND), entry(1, hash(3), FIRST)))
                .isEqualTo(unproven(2, "entry 1 is not in the tree that was signed"));
    }

    @Test
    void check_swappedOrRepeatedEntry_isNot() {
        assertThat(check(note(KEYS), false, entry(1, SECOND, FIRST), entry(0, FIRST, SECOND)))
                .isEqualTo(unproven(2, "entry 0 is out of order"));
        assertThat(check(note(KEYS), false, entry(1, SECOND, FIRST), entry(1, SECOND, FIRST)))
                .isEqualTo(unproven(2, "entry 1 is out of order"));
        assertThat(check(note(KEYS), false, entry(0, SECOND, FIRST)))
                .isEqualTo(unproven(1, "entry 0 is not in the tree that was signed"));
    }

    @Test
    void check_checkpointOfAnotherKey_isNot() {
        CheckpointKeys stranger = CheckpointKeys.generate(ORIGIN);

        assertThat(check(note(stranger), false, entry(0, FIRST, SECOND)))
                .isInstanceOfSatisfying(
                        CallProof.Unproven.class,
                        found -> assertThat(found.why()).startsWith("the checkpoint must not be believed: "));
    }

    @Test
    void check_whatIsMissing_isNamed() {
        assertThat(check(note(KEYS), false)).isEqualTo(unproven(0, "the log says nothing about this call"));
        assertThat(check(null, false, entry(0, FIRST, SECOND)))
                .isEqualTo(unproven(1, "there is no signed checkpoint yet"));
        assertThat(check(note(KEYS), true, entry(0, FIRST, SECOND)))
                .isEqualTo(unproven(1, "the call has more entries than the node shows"));
        assertThat(check(note(KEYS), false, new NodeApi.Entry(5, FIRST.toString(), null, null)))
                .isEqualTo(unproven(1, "entry 5 is not covered by a checkpoint yet"));
        assertThat(check(note(KEYS), false, new NodeApi.Entry(0, FIRST.toString(), 1L, List.of())))
                .isEqualTo(unproven(1, "entry 0 is proven in another tree"));
    }

    @Test
    void check_garbage_isNoProofAndNoFailure() {
        assertThat(check("nothing", false, entry(0, FIRST, SECOND)))
                .isEqualTo(unproven(1, "the node's proof is malformed"));
        assertThat(check(note(KEYS), false, new NodeApi.Entry(0, "zz", 2L, List.of("00"))))
                .isEqualTo(unproven(1, "the node's proof is malformed"));
    }
}
