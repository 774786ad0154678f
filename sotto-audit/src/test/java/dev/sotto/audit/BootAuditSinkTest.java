package dev.sotto.audit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import dev.sotto.core.AuditEvent;
import dev.sotto.core.AuditReceipt;
import dev.sotto.core.UnavailableException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class BootAuditSinkTest {
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
    void queued_becomeTheFirstEntries_inOrder_withTheTimeTheyCame() {
        BootAuditSink boot = new BootAuditSink(fixture.clock, fixture.random);
        for (int i = 0; i < 200; i++) {
            assertThat(boot.append(numbered(i))).isEqualTo(new AuditReceipt(BootAuditSink.BOOT, i));
        }
        Instant before = fixture.clock.instant();
        fixture.clock.advance(Duration.ofMinutes(1));
        try (AuditLog log = fixture.open()) {
            boot.connect(log);
            assertThat(boot.append(numbered(200))).isEqualTo(new AuditReceipt("node-1", 200));

            List<AuditEntry> entries = log.entries(AuditQuery.first(1000));
            assertThat(entries).hasSize(201);
            for (int i = 0; i <= 200; i++) {
                assertThat(entries.get(i).body().orElseThrow().resource()).isEqualTo("key/" + i);
            }
            assertThat(entries.get(199).at()).isEqualTo(before);
            assertThatIllegalStateException().isThrownBy(() -> boot.connect(log));
        }
    }

    @Test
    void queue_full_refuses() {
        BootAuditSink boot = new BootAuditSink(fixture.clock, fixture.random, 2);
        boot.append(numbered(0));
        boot.append(numbered(1));
        assertThatExceptionOfType(UnavailableException.class)
                .isThrownBy(() -> boot.append(numbered(2)))
                .matches(full -> full.code() == AuditError.AUDIT_QUEUE_FULL);
    }

    @Test
    void connect_failedHalfWay_mayBeRepeated_andWritesNothingTwice() throws Exception {
        BootAuditSink boot = new BootAuditSink(fixture.clock, fixture.random);
        for (int i = 0; i < 40; i++) {
            boot.append(numbered(i));
        }
        AuditConfig hasty = new AuditConfig(
                LogFixture.ORIGIN,
                LogFixture.LOG_ID,
                fixture.checkpoints,
                Duration.ofSeconds(1),
                8,
                64,
                16,
                Duration.ofMillis(300));
        try (AuditLog log = fixture.open(hasty)) {
            try (var blocker = fixture.database.owner().getConnection();
                    var statement = blocker.createStatement()) {
                blocker.setAutoCommit(false);
                statement.execute("select 1 from audit.log for update");
                assertThatExceptionOfType(UnavailableException.class).isThrownBy(() -> boot.connect(log));
                blocker.rollback();
            }
            connect(boot, log);
            boot.append(numbered(40));

            assertThat(log.entries(AuditQuery.first(1000)))
                    .extracting(entry -> entry.body().orElseThrow().resource())
                    .doesNotHaveDuplicates()
                    .hasSize(41);
        }
        assertThat(fixture.verify()).isInstanceOf(Verification.Intact.class);
    }

    private static void connect(BootAuditSink boot, AuditLog log) {
        long until = System.nanoTime() + Duration.ofSeconds(20).toNanos();
        while (true) {
            try {
                boot.connect(log);
                return;
            } catch (UnavailableException again) {
                assertThat(System.nanoTime()).isLessThan(until);
            }
        }
    }

    @Test
    void appendsWhileConnecting_comeAfterWhatWasQueued() throws Exception {
        BootAuditSink boot = new BootAuditSink(fixture.clock, fixture.random);
        for (int i = 0; i < 100; i++) {
            boot.append(numbered(i));
        }
        try (AuditLog log = fixture.open();
                ExecutorService callers = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<AuditReceipt>> late = new ArrayList<>();
            for (int i = 0; i < 20; i++) {
                int number = 100 + i;
                late.add(callers.submit(() -> boot.append(numbered(number))));
            }
            boot.connect(log);
            for (Future<AuditReceipt> receipt : late) {
                receipt.get();
            }
            assertThat(log.entries(AuditQuery.first(1000)).subList(0, 100))
                    .extracting(entry -> entry.body().orElseThrow().resource())
                    .containsExactlyElementsOf(java.util.stream.IntStream.range(0, 100)
                            .mapToObj(i -> "key/" + i)
                            .toList());
            assertThat(log.entries(AuditQuery.first(1000))).hasSize(120);
        }
    }

    private static AuditEvent numbered(int i) {
        return AuditEvent.of("key.created", LogFixture.NODE).resource("key", i).build();
    }
}
