package dev.sotto.audit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sotto.audit.EntryCheck.Broken;
import dev.sotto.audit.EntryCheck.Fault;
import dev.sotto.core.TenantId;
import dev.sotto.testkit.ManualClock;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/// A tree of seven entries, made here, and what somebody may do to one of them.
final class EntryCheckTest {
    private static final int SIZE = 7;
    private static final int VICTIM = 4;

    private final List<StoredEntry> stored = new ArrayList<>();
    private final Optional<Checkpoint> head;

    EntryCheckTest() {
        var clock = new ManualClock(LogFixture.NOW);
        var random = new SplittableRandom(7);
        for (int i = 0; i < SIZE; i++) {
            var event = LogFixture.event(i);
            Bytes body = EntryBody.write(event, random);
            var header = new EntryHeader(
                    i,
                    clock.instant().toEpochMilli(),
                    event.tenant().orElse(TenantId.OPERATOR),
                    i / 3,
                    event.type(),
                    event.actor());
            stored.add(StoredEntry.of(header, EntryBody.escaped(event.resource()), body, body.sha256()));
        }
        head = Optional.of(new Checkpoint(LogFixture.ORIGIN, SIZE, root(), root()));
    }

    private List<MerkleHash> leaves() {
        return stored.stream().map(StoredEntry::leafHash).toList();
    }

    private MerkleHash root() {
        return MerkleTree.root(leaves());
    }

    private InclusionProof proof(int sequence) {
        return MerkleProofs.inclusion(
                (height, index) -> {
                    int width = 1 << height;
                    return MerkleTree.root(leaves().subList((int) index * width, (int) (index + 1) * width));
                },
                sequence,
                SIZE);
    }

    private EntryBytes victim() {
        return EntryBytes.of(stored.get(VICTIM));
    }

    private EntryCheck check(EntryBytes bytes) {
        return EntryCheck.of(bytes, Optional.of(proof(VICTIM)), head);
    }

    private static EntryBytes with(EntryBytes of, byte[] header, byte[] body) {
        return EntryBytes.of(of.sequence(), header, Optional.of(body), of.recordedBodyHash());
    }

    @Test
    void check_recordedBytes_areProvenAndSayWhatWasRecorded() {
        for (int i = 0; i < SIZE; i++) {
            assertThat(EntryCheck.of(EntryBytes.of(stored.get(i)), Optional.of(proof(i)), head))
                    .isEqualTo(new EntryCheck.Proven(stored.get(i).read()));
        }
    }

    @Test
    void check_anyBitOfTheBodyChanged_isAnAlteredBody() {
        byte[] body = victim().body().orElseThrow();
        for (int bit = 0; bit < body.length * Byte.SIZE; bit++) {
            byte[] changed = body.clone();
            changed[bit / Byte.SIZE] ^= (byte) (1 << bit % Byte.SIZE);
            assertThat(check(with(victim(), victim().header(), changed)))
                    .as("bit %d", bit)
                    .isEqualTo(new Broken(VICTIM, Fault.BODY_ALTERED));
        }
    }

    @Test
    void check_anyBitOfTheHeaderChanged_isNotBelieved() {
        byte[] header = victim().header();
        for (int bit = 0; bit < header.length * Byte.SIZE; bit++) {
            byte[] changed = header.clone();
            changed[bit / Byte.SIZE] ^= (byte) (1 << bit % Byte.SIZE);
            assertThat(check(with(victim(), changed, victim().body().orElseThrow())))
                    .as("bit %d", bit)
                    .isInstanceOfSatisfying(
                            Broken.class,
                            broken -> assertThat(broken.fault()).isIn(Fault.NOT_IN_TREE, Fault.UNREADABLE));
        }
    }

    @Test
    void check_bodyRewrittenWithItsHash_isNotInTheTree() {
        byte[] rewritten = new String(victim().body().orElseThrow(), StandardCharsets.US_ASCII)
                .replace("call-4", "call-5")
                .getBytes(StandardCharsets.US_ASCII);
        var bytes = EntryBytes.of(
                VICTIM,
                victim().header(),
                Optional.of(rewritten),
                Bytes.owning(rewritten).sha256());

        assertThat(check(bytes)).isEqualTo(new Broken(VICTIM, Fault.NOT_IN_TREE));
    }

    @Test
    void check_anotherEntrysBytesOrProof_isNotBelieved() {
        EntryBytes other = EntryBytes.of(stored.get(VICTIM + 1));
        var moved = EntryBytes.of(VICTIM, other.header(), other.body(), other.recordedBodyHash());

        assertThat(check(moved)).isEqualTo(new Broken(VICTIM, Fault.UNREADABLE));
        assertThat(EntryCheck.of(victim(), Optional.of(proof(VICTIM + 1)), head))
                .isEqualTo(new Broken(VICTIM, Fault.NOT_IN_TREE));
        assertThat(EntryCheck.of(victim(), Optional.empty(), head)).isEqualTo(new Broken(VICTIM, Fault.NOT_IN_TREE));
    }

    @Test
    void check_entryNewerThanTheHead_isNotProvenYet() {
        var older = Optional.of(new Checkpoint(LogFixture.ORIGIN, VICTIM, root(), root()));

        assertThat(EntryCheck.of(victim(), Optional.empty(), older))
                .isEqualTo(new EntryCheck.Unsigned(stored.get(VICTIM).read()));
        assertThat(EntryCheck.of(victim(), Optional.empty(), Optional.empty()))
                .isEqualTo(new EntryCheck.Unsigned(stored.get(VICTIM).read()));
    }

    @Test
    void check_erasedBody_isProvenByTheHashThatStayed() {
        var erased = EntryBytes.of(VICTIM, victim().header(), Optional.empty(), victim().recordedBodyHash());

        assertThat(check(erased))
                .isInstanceOfSatisfying(
                        EntryCheck.Proven.class,
                        proven -> assertThat(proven.entry().body()).isEmpty());
    }
}
