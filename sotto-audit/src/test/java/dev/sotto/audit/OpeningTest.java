package dev.sotto.audit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.sotto.core.IntegrityException;
import dev.sotto.core.RejectedException;
import dev.sotto.core.UnavailableException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// When a log may be opened, and who may write it.
final class OpeningTest {
    @TempDir
    private Path directory;

    private LogFixture fixture;

    @BeforeEach
    void create() {
        fixture = LogFixture.in(directory);
    }

    @AfterEach
    void close() {
        fixture.close();
    }

    @Test
    void open_newLog_signsTheEmptyTree() {
        try (AuditLog log = fixture.open()) {
            Checkpoint first = log.latestCheckpoint().orElseThrow().checkpoint();
            assertThat(first.size()).isZero();
            assertThat(first.root()).isEqualTo(MerkleTree.empty());
        }
        assertThat(fixture.verify()).isInstanceOf(Verification.Intact.class);
    }

    @Test
    void open_databaseBehindTheCheckpointOutside_isRefused() {
        fixture.filled(25);
        TamperedLogTest.truncate(fixture, 20);

        assertRefused(AuditError.AUDIT_ROLLBACK, "has 20 entries", "signed 25", "hint: ");
        assertThat(fixture.database.number("select size from audit.log"))
                .as("nothing was changed")
                .isEqualTo(20);
    }

    @Test
    void open_emptyDatabaseWithCheckpointOutside_isRefused_andLeavesNothing() {
        fixture.filled(15);
        fixture.database.tamper("delete from audit.entry");
        fixture.database.tamper("delete from audit.checkpoint");
        fixture.database.tamper("delete from audit.log");

        assertRefused(AuditError.AUDIT_ROLLBACK, "has 0 entries");
        assertThat(fixture.database.number("select count(*) from audit.log")).isZero();
    }

    @Test
    void open_otherHistoryThanTheCheckpointOutside_isRefused() {
        fixture.filled(15);
        try (LogFixture other = new LogFixture(TestDatabase.create(), directory.resolve("other"))) {
            other.filled(25);
            LogFixture mixed = new LogFixture(other.database, directory);
            assertThatExceptionOfType(IntegrityException.class)
                    .isThrownBy(mixed::open)
                    .withMessageContaining("does not continue its checkpoint")
                    .matches(refused -> refused.code() == AuditError.AUDIT_ROLLBACK);
        }
    }

    @Test
    void open_historyAheadOfLatest_countsAsNewest() throws IOException {
        fixture.filled(25);
        TamperedLogTest.truncate(fixture, 20);
        Files.copy(
                fixture.checkpoints.resolve("00000000000000000020.checkpoint"),
                fixture.checkpoints.resolve("latest.checkpoint"),
                java.nio.file.StandardCopyOption.REPLACE_EXISTING);

        assertRefused(AuditError.AUDIT_ROLLBACK, "signed 25");
    }

    @Test
    void open_checkpointOutsideDamagedOrForged_isRefused() throws IOException {
        fixture.filled(15);
        Path latest = fixture.checkpoints.resolve("latest.checkpoint");
        String good = Files.readString(latest);
        Files.writeString(latest, good.substring(0, good.length() / 2));
        assertRefused(AuditError.AUDIT_CHECKPOINT, "latest.checkpoint");

        Checkpoint checkpoint = SignedCheckpoint.parse(good).checkpoint();
        Files.writeString(
                latest,
                CheckpointKeys.generate(LogFixture.ORIGIN)
                        .signer()
                        .sign(checkpoint, LogFixture.NOW)
                        .note());
        assertRefused(AuditError.AUDIT_CHECKPOINT, "must not be believed");
    }

    @Test
    void open_rowsThatDoNotFit_isRefused() {
        fixture.filled(15);
        fixture.database.tamper("update audit.log set root = set_byte(root, 0, 7)");
        assertRefused(AuditError.AUDIT_DAMAGED, "its head is not the root of its entries");
    }

    @Test
    void open_entryUnderAnotherTenant_isRefused() {
        fixture.filled(15);
        fixture.database.tamper("update audit.entry set tenant = gen_random_uuid() where sequence = 14");
        assertRefused(AuditError.AUDIT_DAMAGED, "entry (14) stands under another tenant");
    }

    @Test
    void open_databaseThatForgets_isRefused() {
        TestDatabase.execute(fixture.database.owner(), "alter role audit_sequencer set synchronous_commit = off");
        try {
            assertThatExceptionOfType(RejectedException.class)
                    .isThrownBy(fixture::open)
                    .withMessageContaining("synchronous_commit (off) must be on");
        } finally {
            TestDatabase.execute(fixture.database.owner(), "alter role audit_sequencer reset synchronous_commit");
        }
    }

    @Test
    void open_otherOrigin_isRejected() {
        fixture.open().close();
        CheckpointKeys keys = CheckpointKeys.generate("sotto.test/audit/other");
        AuditConfig config = AuditConfig.of("sotto.test/audit/other", LogFixture.LOG_ID, directory.resolve("o"));
        assertThatExceptionOfType(RejectedException.class)
                .isThrownBy(() -> AuditLog.open(
                        config,
                        fixture.database.sequencer(),
                        keys.signer(),
                        fixture.clock,
                        new SecureRandom(),
                        fixture.meter));
    }

    @Test
    void secondSequencer_fencesOutTheFirst_whichNeverWritesAgain() {
        AuditLog first = fixture.open();
        first.append(LogFixture.event(0));
        try (AuditLog second = fixture.open()) {
            assertThat(second.append(LogFixture.event(1)).sequence()).isEqualTo(1);
            for (int i = 0; i < 3; i++) {
                assertThatExceptionOfType(UnavailableException.class)
                        .isThrownBy(() -> first.append(LogFixture.event(2)))
                        .matches(refused -> refused.code() == AuditError.AUDIT_FENCED);
            }
            assertThatExceptionOfType(UnavailableException.class).isThrownBy(first::checkpointNow);
            assertThat(second.append(LogFixture.event(3)).sequence()).isEqualTo(2);
            first.close();
        }
        assertThat(fixture.verify())
                .isInstanceOfSatisfying(
                        Verification.Intact.class,
                        intact -> assertThat(intact.size()).isEqualTo(3));
    }

    @Test
    void append_afterClose_fails() {
        AuditLog log = fixture.open();
        log.append(LogFixture.event(0));
        log.close();
        log.close();
        assertThatExceptionOfType(UnavailableException.class)
                .isThrownBy(() -> log.append(LogFixture.event(1)))
                .matches(refused -> refused.code() == AuditError.AUDIT_CLOSED);
    }

    @Test
    void checkpoints_areMadeWhileTheLogGrows_andHistoryIsBounded() throws Exception {
        AuditConfig fast = new AuditConfig(
                LogFixture.ORIGIN,
                LogFixture.LOG_ID,
                fixture.checkpoints,
                Duration.ofMillis(5),
                3,
                16,
                16,
                Duration.ofSeconds(5));
        try (AuditLog log = fixture.open(fast)) {
            long until = System.nanoTime() + Duration.ofSeconds(20).toNanos();
            for (int i = 0; fixture.meter.counted("audit.checkpoints") < 8; i++) {
                assertThat(System.nanoTime()).isLessThan(until);
                log.append(LogFixture.event(i));
            }
        }
        try (Stream<Path> files = Files.list(fixture.checkpoints)) {
            assertThat(files.map(file -> file.getFileName().toString()).sorted().toList())
                    .hasSize(4)
                    .endsWith("latest.checkpoint")
                    .allMatch(name -> name.endsWith(".checkpoint"));
        }
        assertThat(fixture.meter.timed("audit.append.time")).isNotEmpty();
    }

    @Test
    void config_wrongValues_areNamed() {
        assertThatIllegalArgumentException()
                .isThrownBy(() ->
                        new AuditConfig("o", "l", directory, Duration.ofSeconds(2), 1, 1, 1, Duration.ofSeconds(1)))
                .withMessage("checkpointInterval (PT2S) must be at most PT1S");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new AuditConfig("o", "l", directory, Duration.ZERO, 1, 1, 1, Duration.ofSeconds(1)))
                .withMessage("checkpointInterval (PT0S) must be positive");
        assertThatIllegalArgumentException().isThrownBy(() -> AuditConfig.of("a b", "l", directory));
        assertThatIllegalArgumentException().isThrownBy(() -> AuditConfig.of("a+b", "l", directory));
        assertThatIllegalArgumentException().isThrownBy(() -> AuditConfig.of("o", "l/..", directory));
    }

    private void assertRefused(AuditError code, String... parts) {
        assertThatExceptionOfType(IntegrityException.class)
                .isThrownBy(fixture::open)
                .matches(refused -> refused.code() == code)
                .satisfies(refused -> assertThat(refused.getMessage()).contains(List.of(parts)));
    }
}
