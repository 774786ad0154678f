package dev.sotto.audit;

import static dev.sotto.audit.LogFixture.CLINIC;
import static dev.sotto.audit.LogFixture.NODE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.sotto.core.AuditEvent;
import dev.sotto.core.AuditReceipt;
import dev.sotto.core.NotFoundException;
import dev.sotto.core.TenantId;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class AuditLogTest {
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
    void append_returnsPlace_andEntryComesBackAsItWas() {
        try (AuditLog log = fixture.open()) {
            AuditEvent event = AuditEvent.of("call.started", NODE)
                    .tenant(CLINIC)
                    .resource("call", "c1")
                    .subjectHash("ab".repeat(32))
                    .detail("turns", 3)
                    .build();

            assertThat(log.append(event)).isEqualTo(new AuditReceipt("node-1", 0));

            AuditEntry entry = log.entries(AuditQuery.first(10)).getFirst();
            assertThat(entry.type()).isEqualTo("call.started");
            assertThat(entry.tenant()).isEqualTo(CLINIC);
            assertThat(entry.tenantSequence()).isZero();
            assertThat(entry.actor()).isEqualTo(NODE);
            assertThat(entry.at()).isEqualTo(LogFixture.NOW);
            assertThat(entry.body().orElseThrow())
                    .isEqualTo(new AuditEntry.Body("call/c1", event.subjectHash(), event.details()));
        }
        assertThat(fixture.verify()).isInstanceOf(Verification.Intact.class);
    }

    @Test
    void append_hostileText_comesBackAsItWas() {
        String hostile = "\u0000\u0001\"\\\ud800 \udc00\ud83d\ude00\u202e\uffff\u2028</script>' or 1=1 --\n\r\t";
        try (AuditLog log = fixture.open()) {
            AuditEvent event = AuditEvent.of("call.started", NODE)
                    .resource("x", hostile)
                    .detail("name " + hostile, hostile)
                    .build();
            log.append(event);
            log.append(LogFixture.event(0));

            List<AuditEntry> found = log.entries(AuditQuery.first(10).resource("x", hostile));

            assertThat(found).hasSize(1);
            AuditEntry.Body body = found.getFirst().body().orElseThrow();
            assertThat(body.resource()).isEqualTo(event.resource());
            assertThat(body.details()).isEqualTo(event.details());
        }
        assertThat(fixture.verify()).isInstanceOf(Verification.Intact.class);
        assertThat(LogFixture.verify(fixture.export())).isInstanceOf(Verification.Intact.class);
    }

    @Test
    void append_manyThreads_eachEntryHasItsOwnPlaceWithoutGap() throws Exception {
        int threads = 16;
        int each = 200;
        Set<Long> places = new HashSet<>();
        try (AuditLog log = fixture.open();
                ExecutorService executor = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<List<Long>>> appended = new ArrayList<>();
            for (int thread = 0; thread < threads; thread++) {
                appended.add(executor.submit(() -> {
                    List<Long> mine = new ArrayList<>();
                    for (int i = 0; i < each; i++) {
                        mine.add(log.append(LogFixture.event(i)).sequence());
                    }
                    return mine;
                }));
            }
            for (Future<List<Long>> mine : appended) {
                assertThat(mine.get()).isSorted();
                places.addAll(mine.get());
            }
        }

        assertThat(places).hasSize(threads * each).allMatch(place -> place >= 0 && place < threads * each);
        assertThat(fixture.verify())
                .isInstanceOfSatisfying(
                        Verification.Intact.class,
                        intact -> assertThat(intact.size()).isEqualTo(threads * each));
        assertThat(fixture.meter.counted("audit.entries")).isEqualTo(threads * each);
        assertThat(fixture.meter.counted("audit.batches")).isLessThan(threads * each);
    }

    @Test
    void entries_byTenantResourceAndType_arePagedInOrder() {
        try (AuditLog log = fixture.open()) {
            for (int i = 0; i < 12; i++) {
                log.append(LogFixture.event(i));
            }
            log.append(AuditEvent.of("key.created", NODE).build());

            assertThat(log.entries(AuditQuery.first(2).tenant(CLINIC)))
                    .extracting(AuditEntry::sequence)
                    .containsExactly(1L, 4L);
            assertThat(log.entries(AuditQuery.first(2).tenant(CLINIC).after(4)))
                    .extracting(AuditEntry::sequence)
                    .containsExactly(7L, 10L);
            assertThat(log.entries(AuditQuery.first(9).tenant(TenantId.OPERATOR)))
                    .extracting(AuditEntry::sequence)
                    .containsExactly(0L, 3L, 6L, 9L, 12L);
            assertThat(log.entries(AuditQuery.first(9).resource("call", "call-7")))
                    .extracting(AuditEntry::sequence)
                    .containsExactly(7L);
            assertThat(log.entries(AuditQuery.first(9).type("key.created")))
                    .extracting(AuditEntry::sequence)
                    .containsExactly(12L);
            assertThat(log.entries(AuditQuery.first(9).after(12))).isEmpty();
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> AuditQuery.first(1001))
                    .withMessageContaining("limit (1001)");
        }
    }

    @Test
    void prove_everyEntryAndSize_holdsAgainstTheSignedRoots() {
        try (AuditLog log = fixture.open()) {
            List<SignedCheckpoint> checkpoints = new ArrayList<>();
            for (int i = 0; i < 20; i++) {
                log.append(LogFixture.event(i));
                checkpoints.add(log.checkpointNow());
            }
            List<AuditEntry> entries = log.entries(AuditQuery.first(100));
            for (SignedCheckpoint newer : checkpoints) {
                MerkleHash root = newer.checkpoint().root();
                long size = newer.checkpoint().size();
                for (long sequence = 0; sequence < size; sequence++) {
                    MerkleHash leaf = entries.get((int) sequence).leafHash();
                    assertThat(log.prove(sequence, size).check(leaf, root)).isEqualTo(ProofCheck.HOLDS);
                }
                for (SignedCheckpoint older : checkpoints.subList(0, (int) size)) {
                    assertThat(log.proveConsistency(older.checkpoint().size(), size)
                                    .check(older.checkpoint().root(), root))
                            .isEqualTo(ProofCheck.HOLDS);
                }
            }
            assertThatExceptionOfType(NotFoundException.class).isThrownBy(() -> log.prove(20, 20));
            assertThatExceptionOfType(NotFoundException.class).isThrownBy(() -> log.prove(3, 21));
            assertThatExceptionOfType(NotFoundException.class).isThrownBy(() -> log.proveConsistency(0, 20));
        }
    }

    @Test
    void open_again_continuesTheLog() {
        try (AuditLog log = fixture.open()) {
            for (int i = 0; i < 300; i++) {
                log.submit(Draft.of(LogFixture.event(i), fixture.clock, fixture.random), false);
            }
            log.append(LogFixture.event(0));
        }
        try (AuditLog log = fixture.open()) {
            assertThat(log.append(LogFixture.event(1)).sequence()).isEqualTo(301);
        }

        assertThat(fixture.verify()).isInstanceOfSatisfying(Verification.Intact.class, intact -> {
            assertThat(intact.size()).isEqualTo(302);
            assertThat(intact.unsigned()).isZero();
            assertThat(intact.signedAt()).contains(LogFixture.NOW.truncatedTo(java.time.temporal.ChronoUnit.SECONDS));
        });
        assertThat(fixture.database.number("select count(*) from audit.tile")).isEqualTo(1);
    }

    @Test
    void verify_whileTheLogGrows_isIntact() throws Exception {
        AtomicBoolean stop = new AtomicBoolean();
        try (AuditLog log = fixture.open();
                ExecutorService executor = Executors.newVirtualThreadPerTaskExecutor()) {
            Future<?> appends = executor.submit(() -> {
                for (int i = 0; !stop.get(); i++) {
                    log.append(LogFixture.event(i));
                }
            });
            for (int i = 0; i < 8; i++) {
                assertThat(fixture.verify()).isInstanceOf(Verification.Intact.class);
                assertThat(LogFixture.verify(fixture.export())).isInstanceOf(Verification.Intact.class);
            }
            stop.set(true);
            appends.get();
        }
    }

    @Test
    void readers_manyAtOnce_leaveTheSequencerItsConnections() throws Exception {
        try (AuditLog log = fixture.open();
                ExecutorService executor = Executors.newVirtualThreadPerTaskExecutor()) {
            log.append(LogFixture.event(0));
            AtomicBoolean stop = new AtomicBoolean();
            List<Future<?>> readers = new ArrayList<>();
            for (int i = 0; i < 40; i++) {
                readers.add(executor.submit(() -> {
                    while (!stop.get()) {
                        log.entries(AuditQuery.first(5));
                        log.prove(0, 1);
                    }
                }));
            }
            for (int i = 1; i < 50; i++) {
                assertThat(log.append(LogFixture.event(i)).sequence()).isEqualTo(i);
            }
            stop.set(true);
            for (Future<?> reader : readers) {
                reader.get();
            }
        }
    }

    @Test
    void migrate_again_changesNothing() {
        fixture.filled(5);
        AuditSchema.migrate(fixture.database.owner(), TestDatabase.SEQUENCER, TestDatabase.READER);
        assertThat(fixture.verify()).isInstanceOf(Verification.Intact.class);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> AuditSchema.migrate(fixture.database.owner(), "a; drop", TestDatabase.READER));
    }
}
