package dev.sotto.audit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sotto.audit.Verification.Broken;
import dev.sotto.audit.Verification.Fault;
import dev.sotto.testkit.Samples;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// One bit of any stored byte: the verifier names the thing it belongs to.
final class SingleBitTest {
    private static final int SIZE = 280;
    private static final Set<Fault> CHECKPOINT =
            Set.of(Fault.CHECKPOINT_MALFORMED, Fault.CHECKPOINT_ORIGIN, Fault.CHECKPOINT_SIGNATURE);

    @TempDir
    private static Path directory;

    private static LogFixture fixture;

    @BeforeAll
    static void fill() {
        fixture = LogFixture.in(directory).filled(SIZE);
    }

    @AfterAll
    static void close() {
        fixture.close();
    }

    @Test
    void entry_anyBit_isNamed() {
        Map<String, Fault> faults = Map.of(
                "header", Fault.HEADER_ALTERED,
                "body", Fault.BODY_ALTERED,
                "body_hash", Fault.HASH_ALTERED,
                "leaf_hash", Fault.HASH_ALTERED);
        Samples.forAll(24, random -> random, random -> {
            String column = List.copyOf(faults.keySet()).get(random.nextInt(4));
            int sequence = random.nextInt(SIZE);
            Broken broken = flipped("entry", column, "sequence = " + sequence, random);
            assertThat(broken.where()).isEqualTo("entry " + sequence);
            assertThat(broken.sequence()).isEqualTo(sequence);
            assertThat(broken.fault()).as(column).isEqualTo(faults.get(column));
        });
    }

    @Test
    void tile_anyBit_isNamed() {
        Samples.forAll(8, random -> random, random -> {
            Broken broken = flipped("tile", random.nextBoolean() ? "hashes" : "root", "level = 0", random);
            assertThat(broken.where()).isEqualTo("tile 0/0");
            assertThat(broken.fault()).isEqualTo(Fault.TILE);
        });
    }

    @Test
    void checkpoint_anyBit_isNamed() {
        Samples.forAll(24, random -> random, random -> {
            int size = 10 * random.nextInt(SIZE / 10 + 1);
            Broken broken = flipped("checkpoint", "note", "size = " + size, random);
            assertThat(broken.where()).isEqualTo("checkpoint of size " + size);
            assertThat(broken.fault()).as(broken.message()).isIn(CHECKPOINT);
        });
    }

    @Test
    void tileDeletedOrForged_isNamed_andEntryReplacedWithAllItsHashesIsFoundByIt() {
        fixture.database.tamper("update audit.tile set index = 7");
        assertThat(verified().where()).isEqualTo("tile 0/0");
        fixture.database.tamper("update audit.tile set index = 0, level = 1");
        assertThat(verified().where()).isEqualTo("tile 0/0");
        fixture.database.tamper("update audit.tile set level = 0");
        assertThat(fixture.verify()).isInstanceOf(Verification.Intact.class);

        // Without the checkpoints in between, only the tile can tell which of the entries it is.
        try (LogFixture other = LogFixture.in(directory.resolve("other"))) {
            try (AuditLog log = other.open()) {
                List<PendingAppend> pending = new java.util.ArrayList<>();
                for (int i = 0; i < SIZE; i++) {
                    pending.add(log.submit(Draft.of(LogFixture.event(i), other.clock, other.random), false));
                }
                pending.forEach(each -> each.await(log.appendTimeout()));
            }
            other.database.tamper(
                    "update audit.entry set body = body || ' '::bytea,"
                            + " body_hash = sha256(body || ' '::bytea),"
                            + " leaf_hash = sha256('\\x00'::bytea || header || sha256(body || ' '::bytea)) where sequence = 77");
            TamperedLogTest.assertBroken(other.verify(), 77, Fault.HEADER_ALTERED, "entry 77");
        }
    }

    private static Broken flipped(String table, String column, String where, RandomGenerator random) {
        long bits = fixture.database.number(
                "select 8 * octet_length(%s) from audit.%s where %s limit 1".formatted(column, table, where));
        String flip = "update audit.%1$s set %2$s = set_bit(%2$s, %3$d, 1 - get_bit(%2$s, %3$d)) where %4$s"
                .formatted(table, column, random.nextLong(bits), where);
        fixture.database.tamper(flip);
        try {
            return verified();
        } finally {
            fixture.database.tamper(flip);
        }
    }

    /// By the database alone.
    private static Broken verified() {
        Verification found =
                new AuditVerifier().verify(fixture.source(), LogFixture.KEYS.publicKeys(), java.util.Optional.empty());
        assertThat(found).isInstanceOf(Broken.class);
        return (Broken) found;
    }
}
