package dev.sotto.server.call;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sotto.audit.Checkpoint;
import dev.sotto.audit.CheckpointKeys;
import dev.sotto.audit.MerkleHash;
import dev.sotto.core.CallId;
import dev.sotto.core.TenantId;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/// A log of two entries, made here: RFC 6962 section 2.1 and the byte tables of `docs/spec/audit-log.md`.
final class CallProofTest {
    private static final String ORIGIN = "test.example/log";
    private static final CheckpointKeys KEYS = CheckpointKeys.generate(ORIGIN);
    private static final TenantId TENANT = TenantId.parse("01JDAAAAAAAAAAAAAAAAAAAAAA");
    private static final CallId CALL = CallId.parse("01JDBBBBBBBBBBBBBBBBBBBBBB");
    private static final Instant AT = Instant.ofEpochMilli(1_764_000_000_123L);
    private static final String ACTOR = "node:n1";
    private static final byte[] FIRST_HEADER = header(0, "call.started");
    private static final byte[] SECOND_HEADER = header(1, "call.ended");
    private static final byte[] FIRST_BODY = body("call/" + CALL, "COMPLETED");
    private static final byte[] SECOND_BODY = body("call/" + CALL, "LOST");
    private static final MerkleHash FIRST = leaf(FIRST_HEADER, FIRST_BODY);
    private static final MerkleHash SECOND = leaf(SECOND_HEADER, SECOND_BODY);
    private static final MerkleHash ELSE = sha(new byte[] {9});

    private static byte[] header(long sequence, String type) {
        return ByteBuffer.allocate(45 + type.length() + ACTOR.length())
                .put((byte) 1)
                .putLong(sequence)
                .putLong(AT.toEpochMilli())
                .putLong(TENANT.value().getMostSignificantBits())
                .putLong(TENANT.value().getLeastSignificantBits())
                .putLong(sequence)
                .putShort((short) type.length())
                .put(type.getBytes(US_ASCII))
                .putShort((short) ACTOR.length())
                .put(ACTOR.getBytes(US_ASCII))
                .array();
    }

    private static byte[] body(String resource, String outcome) {
        return "{\"salt\":\"%s\",\"resource\":\"%s\",\"details\":{\"outcome\":\"%s\"}}"
                .formatted("00".repeat(16), resource, outcome)
                .getBytes(US_ASCII);
    }

    private static MerkleHash sha(byte[]... parts) {
        try {
            MessageDigest sha = MessageDigest.getInstance("SHA-256");
            Arrays.stream(parts).forEach(sha::update);
            return MerkleHash.of(sha.digest());
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError(e);
        }
    }

    private static MerkleHash leaf(byte[] header, byte[] body) {
        return sha(new byte[] {0}, header, sha(body).bytes());
    }

    private static MerkleHash node(MerkleHash left, MerkleHash right) {
        return sha(new byte[] {1}, left.bytes(), right.bytes());
    }

    private static String note(CheckpointKeys keys) {
        return note(keys, FIRST, SECOND);
    }

    private static String note(CheckpointKeys keys, MerkleHash left, MerkleHash right) {
        var checkpoint = new Checkpoint(ORIGIN, 2, node(left, right), ELSE);
        return keys.signer().sign(checkpoint, Instant.EPOCH).note();
    }

    private static NodeApi.Entry first() {
        return entry(0, "call.started", "COMPLETED", FIRST_HEADER, FIRST_BODY, SECOND);
    }

    private static NodeApi.Entry second() {
        return entry(1, "call.ended", "LOST", SECOND_HEADER, SECOND_BODY, FIRST);
    }

    private static NodeApi.Entry entry(
            long sequence, String type, String outcome, byte[] header, byte @Nullable [] body, MerkleHash sibling) {
        return new NodeApi.Entry(
                sequence,
                AT,
                type,
                ACTOR,
                "call/" + CALL,
                Map.of("outcome", outcome),
                Base64.getEncoder().encodeToString(header),
                body == null ? null : Base64.getEncoder().encodeToString(body),
                sha(sequence == 0 ? FIRST_BODY : SECOND_BODY).toString(),
                2L,
                List.of(sibling.toString()));
    }

    private static NodeApi.Entry proven(NodeApi.Entry entry, @Nullable Long size, @Nullable List<String> path) {
        return new NodeApi.Entry(
                entry.sequence(),
                entry.at(),
                entry.type(),
                entry.actor(),
                entry.resource(),
                entry.details(),
                entry.header(),
                entry.body(),
                entry.bodyHash(),
                size,
                path);
    }

    private static CallProof check(@Nullable String note, boolean truncated, NodeApi.Entry... entries) {
        return CallProof.check(
                new NodeApi.Entries(List.of(entries), truncated, note), KEYS.publicKeys(), TENANT.toString(), CALL);
    }

    private static CallProof.Unproven unproven(int entries, String why) {
        return new CallProof.Unproven(entries, why);
    }

    @Test
    void check_everyEntryInTheSignedTree_isProven() {
        assertThat(check(note(KEYS), false, first(), second())).isEqualTo(new CallProof.Proven(2));
    }

    @Test
    void check_editedBody_isNamed() {
        byte[] edited = body("call/" + CALL, "COMPLETED");

        assertThat(check(note(KEYS), false, first(), entry(1, "call.ended", "COMPLETED", SECOND_HEADER, edited, FIRST)))
                .isEqualTo(unproven(2, "entry 1 has a body that is not the recorded one"));
    }

    @Test
    void check_editedHeader_isNotInTheTree() {
        assertThat(check(
                        note(KEYS),
                        false,
                        first(),
                        entry(1, "call.lost", "LOST", header(1, "call.lost"), SECOND_BODY, FIRST)))
                .isEqualTo(unproven(2, "entry 1 is not in the tree that was signed"));
    }

    @Test
    void check_nodeThatTellsAnotherStoryThanTheBytes_isNotBelieved() {
        for (NodeApi.Entry told : List.of(
                entry(1, "call.ended", "COMPLETED", SECOND_HEADER, SECOND_BODY, FIRST),
                entry(1, "call.started", "LOST", SECOND_HEADER, SECOND_BODY, FIRST))) {
            assertThat(check(note(KEYS), false, first(), told))
                    .isEqualTo(unproven(2, "entry 1 does not say what the node says it does"));
        }
    }

    @Test
    void check_entryOfAnotherCall_isNotThisCalls() {
        byte[] other = body("call/01JDCCCCCCCCCCCCCCCCCCCCCC", "LOST");
        MerkleHash signed = leaf(SECOND_HEADER, other);
        var foreign = new NodeApi.Entry(
                1,
                AT,
                "call.ended",
                ACTOR,
                "call/" + CALL,
                Map.of("outcome", "LOST"),
                Base64.getEncoder().encodeToString(SECOND_HEADER),
                Base64.getEncoder().encodeToString(other),
                sha(other).toString(),
                2L,
                List.of(FIRST.toString()));

        assertThat(check(note(KEYS, FIRST, signed), false, foreign))
                .isEqualTo(unproven(1, "entry 1 is about something else"));
    }

    @Test
    void check_bodyThatIsGone_isNamed() {
        assertThat(check(note(KEYS), false, first(), entry(1, "call.ended", "LOST", SECOND_HEADER, null, FIRST)))
                .isEqualTo(unproven(2, "entry 1 has lost its body"));
    }

    @Test
    void check_swappedOrRepeatedEntry_isNot() {
        assertThat(check(note(KEYS), false, second(), first())).isEqualTo(unproven(2, "entry 0 is out of order"));
        assertThat(check(note(KEYS), false, second(), second())).isEqualTo(unproven(2, "entry 1 is out of order"));
        assertThat(check(note(KEYS), false, entry(0, "call.ended", "LOST", SECOND_HEADER, SECOND_BODY, FIRST)))
                .isEqualTo(unproven(1, "entry 0 cannot be read"));
    }

    @Test
    void check_checkpointOfAnotherKey_isNot() {
        CheckpointKeys stranger = CheckpointKeys.generate(ORIGIN);

        assertThat(check(note(stranger), false, first()))
                .isInstanceOfSatisfying(
                        CallProof.Unproven.class,
                        found -> assertThat(found.why()).startsWith("the checkpoint must not be believed: "));
    }

    @Test
    void check_whatIsMissing_isNamed() {
        assertThat(check(note(KEYS), false)).isEqualTo(unproven(0, "the log says nothing about this call"));
        assertThat(check(null, false, first())).isEqualTo(unproven(1, "there is no signed checkpoint yet"));
        assertThat(check(note(KEYS), true, first()))
                .isEqualTo(unproven(1, "the call has more entries than the node shows"));
        assertThat(check(note(KEYS), false, proven(first(), null, null)))
                .isEqualTo(unproven(1, "entry 0 is not covered by a checkpoint yet"));
        assertThat(check(note(KEYS), false, proven(first(), 1L, List.of())))
                .isEqualTo(unproven(1, "entry 0 is proven in another tree"));
    }

    @Test
    void check_garbage_isNoProofAndNoFailure() {
        assertThat(check("nothing", false, first())).isEqualTo(unproven(1, "the node's proof is malformed"));
        assertThat(check(note(KEYS), false, proven(first(), 2L, List.of("00"))))
                .isEqualTo(unproven(1, "the node's proof is malformed"));
        assertThat(check(
                        note(KEYS),
                        false,
                        new NodeApi.Entry(0, AT, "x", ACTOR, "", Map.of(), "%", "%", "", 2L, List.of())))
                .isEqualTo(unproven(1, "the node's proof is malformed"));
    }
}
