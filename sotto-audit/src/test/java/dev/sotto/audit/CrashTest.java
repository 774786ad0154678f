package dev.sotto.audit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.sotto.core.AuditReceipt;
import dev.sotto.core.UnavailableException;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Postgres killed under load: what was acknowledged is there once, and the log goes on by itself.
final class CrashTest {
    private static final int THREADS = 8;

    @TempDir
    private Path directory;

    private final Map<String, AuditReceipt> acknowledged = new ConcurrentHashMap<>();
    private final AtomicInteger refused = new AtomicInteger();
    private final Semaphore progress = new Semaphore(0);

    @Test
    void postgresKilledUnderLoad_losesNothingAcknowledged_andWritesNothingTwice() throws Exception {
        int port = freePort();
        EmbeddedPostgres server = start(port);
        TestDatabase database = TestDatabase.on(server, false);
        LogFixture fixture = new LogFixture(database, directory);
        AtomicBoolean stop = new AtomicBoolean();
        AtomicInteger numbers = new AtomicInteger();
        CountDownLatch finished = new CountDownLatch(THREADS);
        try (ExecutorService callers = Executors.newVirtualThreadPerTaskExecutor();
                AuditLog log = fixture.open(config())) {
            for (int thread = 0; thread < THREADS; thread++) {
                callers.execute(() -> {
                    while (!stop.get()) {
                        append(log, numbers.incrementAndGet());
                    }
                    finished.countDown();
                });
            }
            awaitAcknowledged(200);

            kill();
            progress.drainPermits();
            server.close();
            server = start(port);
            awaitAcknowledged(200);
            stop.set(true);
            assertThat(finished.await(60, TimeUnit.SECONDS)).isTrue();
        }

        assertAcknowledgedOnce(fixture);
        assertThat(fixture.meter.counted("audit.reconciled")).isPositive();
        assertThat(fixture.verify())
                .isInstanceOfSatisfying(
                        Verification.Intact.class,
                        intact -> assertThat(intact.size()).isGreaterThanOrEqualTo(acknowledged.size()));
        database.close();
        server.close();
    }

    @Test
    void connectionsKilledUnderLoad_areReconciled() throws Exception {
        try (LogFixture fixture = LogFixture.in(directory)) {
            AtomicInteger numbers = new AtomicInteger();
            AtomicBoolean stop = new AtomicBoolean();
            CountDownLatch finished = new CountDownLatch(THREADS);
            try (ExecutorService callers = Executors.newVirtualThreadPerTaskExecutor();
                    AuditLog log = fixture.open(config())) {
                for (int thread = 0; thread < THREADS; thread++) {
                    callers.execute(() -> {
                        while (!stop.get()) {
                            append(log, numbers.incrementAndGet());
                        }
                        finished.countDown();
                    });
                }
                for (int kill = 0; kill < 15; kill++) {
                    awaitAcknowledged(20);
                    fixture.database.number("select count(pg_terminate_backend(pid)) from pg_stat_activity"
                            + " where usename = 'audit_sequencer' and datname = current_database()");
                }
                stop.set(true);
                assertThat(finished.await(60, TimeUnit.SECONDS)).isTrue();
            }
            assertAcknowledgedOnce(fixture);
            assertThat(fixture.meter.counted("audit.reconciled")).isPositive();
            assertThat(fixture.verify()).isInstanceOf(Verification.Intact.class);
        }
    }

    @Test
    void queueFull_refusesAtOnce_andTimeoutFailsClosed() throws Exception {
        try (LogFixture fixture = LogFixture.in(directory)) {
            AuditConfig small = new AuditConfig(
                    LogFixture.ORIGIN,
                    LogFixture.LOG_ID,
                    fixture.checkpoints,
                    Duration.ofSeconds(1),
                    8,
                    2,
                    1,
                    Duration.ofMillis(400));
            try (AuditLog log = fixture.open(small);
                    var blocker = fixture.database.owner().getConnection()) {
                blocker.setAutoCommit(false);
                try (var statement = blocker.createStatement()) {
                    statement.execute("select 1 from audit.log for update");
                }
                List<PendingAppend> stuck = new java.util.ArrayList<>();
                assertThatExceptionOfType(UnavailableException.class)
                        .isThrownBy(() -> {
                            for (int i = 0; i < 5; i++) {
                                stuck.add(log.submit(
                                        Draft.of(LogFixture.event(i), fixture.clock, fixture.random), false));
                            }
                        })
                        .matches(full -> full.code() == AuditError.AUDIT_QUEUE_FULL);
                for (PendingAppend pending : stuck) {
                    assertThatExceptionOfType(UnavailableException.class)
                            .isThrownBy(() -> pending.await(Duration.ofMillis(100)))
                            .matches(late -> late.code() == AuditError.AUDIT_TIMEOUT);
                }
                blocker.rollback();
                awaitAppend(log);
            }
            Verification found = fixture.verify();
            assertThat(found).isInstanceOf(Verification.Intact.class);
            assertThat(((Verification.Intact) found).size())
                    .as("what was given up in the queue is not written")
                    .isLessThanOrEqualTo(2);
        }
    }

    @Test
    void entryTheDatabaseRefuses_failsAlone() throws Exception {
        try (LogFixture fixture = LogFixture.in(directory);
                AuditLog log = fixture.open(config())) {
            TestDatabase.execute(
                    fixture.database.owner(), "alter table audit.entry add constraint bad check (type <> 'bad.type')");
            try (var blocker = fixture.database.owner().getConnection();
                    var statement = blocker.createStatement()) {
                blocker.setAutoCommit(false);
                statement.execute("select 1 from audit.log for update");
                List<PendingAppend> group = new java.util.ArrayList<>();
                for (int i = 0; i < 6; i++) {
                    dev.sotto.core.AuditEvent event = i == 3
                            ? dev.sotto.core.AuditEvent.of("bad.type", LogFixture.NODE)
                                    .build()
                            : LogFixture.event(i);
                    group.add(log.submit(Draft.of(event, fixture.clock, fixture.random), false));
                }
                blocker.rollback();
                for (int i = 0; i < 6; i++) {
                    PendingAppend pending = group.get(i);
                    if (i == 3) {
                        assertThatExceptionOfType(UnavailableException.class)
                                .isThrownBy(() -> pending.await(Duration.ofSeconds(5)))
                                .matches(refusal -> refusal.code() == AuditError.AUDIT_DATABASE);
                    } else {
                        assertThat(pending.await(Duration.ofSeconds(5)).sequence())
                                .isEqualTo(i < 3 ? i : i - 1);
                    }
                }
            } finally {
                TestDatabase.execute(fixture.database.owner(), "alter table audit.entry drop constraint bad");
            }
        }
    }

    private static void awaitAppend(AuditLog log) {
        long until = System.nanoTime() + Duration.ofSeconds(20).toNanos();
        while (true) {
            try {
                log.append(LogFixture.event(9));
                return;
            } catch (UnavailableException later) {
                assertThat(System.nanoTime()).isLessThan(until);
            }
        }
    }

    private AuditConfig config() {
        return new AuditConfig(
                LogFixture.ORIGIN,
                LogFixture.LOG_ID,
                directory.resolve("checkpoints"),
                Duration.ofMillis(100),
                8,
                64,
                64,
                Duration.ofSeconds(3));
    }

    private void append(AuditLog log, int number) {
        try {
            String key = "call/" + number;
            AuditReceipt receipt = log.append(dev.sotto.core.AuditEvent.of("call.started", LogFixture.NODE)
                    .resource("call", number)
                    .build());
            acknowledged.put(key, receipt);
            progress.release();
        } catch (UnavailableException failedClosed) {
            refused.incrementAndGet();
        }
    }

    private void awaitAcknowledged(int more) throws InterruptedException {
        assertThat(progress.tryAcquire(more, 60, TimeUnit.SECONDS))
                .as("refused %s", refused)
                .isTrue();
    }

    private void assertAcknowledgedOnce(LogFixture fixture) {
        Map<String, Long> stored = new java.util.HashMap<>();
        try (AuditLog log = fixture.open()) {
            long after = -1;
            List<AuditEntry> page = log.entries(AuditQuery.first(1000));
            while (!page.isEmpty()) {
                for (AuditEntry entry : page) {
                    String resource = entry.body().orElseThrow().resource();
                    assertThat(stored.put(resource, entry.sequence()))
                            .as(resource)
                            .isNull();
                    after = entry.sequence();
                }
                page = log.entries(AuditQuery.first(1000).after(after));
            }
        }
        acknowledged.forEach((resource, receipt) -> assertThat(stored).containsEntry(resource, receipt.sequence()));
    }

    private EmbeddedPostgres start(int port) throws IOException {
        return TestDatabase.durable()
                .setPort(port)
                .setDataDirectory(directory.resolve("postgres"))
                .setCleanDataDirectory(false)
                .start();
    }

    /// As `kill -9` of the postmaster and all its children.
    private void kill() throws Exception {
        long pid = Long.parseLong(
                Files.readAllLines(directory.resolve("postgres/postmaster.pid")).getFirst());
        ProcessHandle postmaster = ProcessHandle.of(pid).orElseThrow();
        List<ProcessHandle> all =
                new java.util.ArrayList<>(postmaster.descendants().toList());
        all.addFirst(postmaster);
        all.forEach(ProcessHandle::destroyForcibly);
        for (ProcessHandle process : all) {
            process.onExit().get(20, TimeUnit.SECONDS);
        }
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0)) {
            return socket.getLocalPort();
        }
    }
}
