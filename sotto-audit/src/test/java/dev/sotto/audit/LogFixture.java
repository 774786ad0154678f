package dev.sotto.audit;

import dev.sotto.core.ActorId;
import dev.sotto.core.AuditEvent;
import dev.sotto.core.TenantId;
import dev.sotto.testkit.FakeMeter;
import dev.sotto.testkit.ManualClock;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/// A log in a database of its own, with its keys and checkpoint directory.
final class LogFixture implements AutoCloseable {
    static final String ORIGIN = "sotto.test/audit/node-1";
    static final String LOG_ID = "node-1";
    static final ActorId NODE = new ActorId(ActorId.Kind.NODE, "node-1");
    static final TenantId CLINIC = new TenantId(UUID.fromString("01900000-0000-7000-8000-000000000001"));
    static final TenantId DENTIST = new TenantId(UUID.fromString("ff900000-0000-7000-8000-000000000002"));
    static final CheckpointKeys KEYS = CheckpointKeys.generate(ORIGIN);
    static final Instant NOW = Instant.parse("2026-11-21T10:00:00.123Z");

    final TestDatabase database;
    final Path checkpoints;
    final FakeMeter meter = new FakeMeter();
    final SecureRandom random = new SecureRandom();
    final ManualClock clock = new ManualClock(NOW);

    LogFixture(TestDatabase database, Path directory) {
        this.database = database;
        this.checkpoints = directory.resolve("checkpoints");
    }

    static LogFixture in(Path directory) {
        return new LogFixture(TestDatabase.create(), directory);
    }

    AuditConfig config() {
        return AuditConfig.of(ORIGIN, LOG_ID, checkpoints);
    }

    AuditLog open() {
        return open(config());
    }

    AuditLog open(AuditConfig config) {
        return AuditLog.open(config, database.sequencer(), KEYS.signer(), clock, random, meter);
    }

    /// A log of `size` entries of two tenants and the node, closed again; a checkpoint after every tenth.
    LogFixture filled(int size) {
        AuditConfig slow = new AuditConfig(
                ORIGIN, LOG_ID, checkpoints, Duration.ofSeconds(1), 64, 2048, 256, Duration.ofSeconds(10));
        try (AuditLog log = open(slow)) {
            List<PendingAppend> group = new ArrayList<>();
            for (int i = 0; i < size; i++) {
                group.add(log.submit(Draft.of(event(i), clock, random), false));
                if (i % 10 == 9) {
                    group.forEach(pending -> pending.await(slow.appendTimeout()));
                    group.clear();
                    log.checkpointNow();
                }
            }
        }
        return this;
    }

    static AuditEvent event(int i) {
        AuditEvent.Builder event = AuditEvent.of("call.started", NODE)
                .resource("call", "call-" + i)
                .subjectHash("ab".repeat(32))
                .detail("turns", i);
        return switch (i % 3) {
            case 0 -> event.build();
            case 1 -> event.tenant(CLINIC).build();
            default -> event.tenant(DENTIST).build();
        };
    }

    Verification verify() {
        return verify(Optional.empty());
    }

    Verification verify(Optional<String> since) {
        return new AuditVerifier().verify(source().withCheckpoints(checkpoints), KEYS.publicKeys(), since);
    }

    /// The database alone: without the checkpoints saved outside.
    AuditSource source() {
        return AuditSource.fromDatabase(database.reader());
    }

    byte[] export() {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        AuditExport.write(database.reader(), KEYS.publicKeys(), out);
        return out.toByteArray();
    }

    static Verification verify(byte[] export) {
        return new AuditVerifier()
                .verify(AuditSource.fromExport(new ByteArrayInputStream(export)), KEYS.publicKeys(), Optional.empty());
    }

    @Override
    public void close() {
        database.close();
    }
}
