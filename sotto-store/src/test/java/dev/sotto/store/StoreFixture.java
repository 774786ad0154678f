package dev.sotto.store;

import dev.sotto.core.ActorId;
import dev.sotto.core.CallId;
import dev.sotto.core.IdSource;
import dev.sotto.core.SensitiveText;
import dev.sotto.core.SubjectId;
import dev.sotto.core.TenantId;
import dev.sotto.keys.FakeKms;
import dev.sotto.keys.KeyService;
import dev.sotto.keys.KeyServiceConfig;
import dev.sotto.testkit.FakeAuditSink;
import dev.sotto.testkit.FakeMeter;
import dev.sotto.testkit.ManualClock;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneId;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ThreadLocalRandom;

/// A store over a real database, with keys, clock and audit log in the test's hands.
public final class StoreFixture implements AutoCloseable {
    public static final ActorId AGENT = new ActorId(ActorId.Kind.AGENT, "receptionist");
    public static final ActorId USER = new ActorId(ActorId.Kind.USER, "admin");
    public static final Instant NOW = Instant.parse("2026-03-02T09:30:00Z");
    public static final LocalDate BIRTH_DATE = LocalDate.of(1984, 5, 12);

    /// One root for all that share a database: the operator's keys hang on it.
    private static final FakeKms SHARED_KMS = new FakeKms();

    public final PostgresNode postgres;
    public final Path objects;
    public final String nodeId;
    public final FakeKms kms;
    public final FakeAuditSink audit = new FakeAuditSink();
    public final FakeMeter meter = new FakeMeter();
    public final ManualClock clock = new ManualClock(NOW);
    public final IdSource ids = new IdSource(clock, new SecureRandom());
    public final KeyService keys;
    public final Store store;

    public StoreFixture(PostgresNode postgres, Path objects) {
        this(postgres, objects, "node-" + UUID.randomUUID(), SHARED_KMS);
    }

    /// A node that shares database, objects and root key with another, or is its next life.
    public StoreFixture(PostgresNode postgres, Path objects, String nodeId, FakeKms kms) {
        this.postgres = postgres;
        this.objects = objects;
        this.nodeId = nodeId;
        this.kms = kms;
        keys = new KeyService(
                kms,
                FakeKms.PRIMARY,
                new PostgresKeyRecords(postgres.dataSource(Role.KEYS)),
                audit,
                clock,
                new SecureRandom(),
                meter,
                KeyServiceConfig.defaults(new ActorId(ActorId.Kind.NODE, nodeId)));
        store = Store.open(
                new StoreConfig(objects, nodeId), postgres.dataSource(Role.APP), keys, audit, clock, ids, meter);
    }

    public Tenant tenant() {
        long number = ThreadLocalRandom.current().nextLong(1_000_000_000L, 9_999_999_999L);
        var tenant = new Tenant(
                ids.tenantId(),
                "Clinic",
                "healthcare",
                ZoneId.of("America/New_York"),
                true,
                Optional.of("+14155550100"),
                "+1" + number);
        store.tenants().create(tenant);
        return tenant;
    }

    public CallRecord offered(TenantId tenant, byte[] tokenHash) {
        var call = ids.callId();
        return store.calls()
                .offer(NewCall.receptionist(
                        tenant,
                        call,
                        "CA" + call,
                        SensitiveText.of("+14155550123"),
                        tokenHash,
                        clock.instant().plusSeconds(60)));
    }

    /// A call whose caller was told that it is recorded.
    public CallId connected(TenantId tenant) {
        byte[] token = token(1);
        var call = offered(tenant, token);
        var connected = store.calls().connect(tenant, call.id(), token, nodeId, clock.instant());
        if (connected.isEmpty()) {
            throw new AssertionError("the call did not connect");
        }
        store.calls().announce(tenant, call.id(), true, CallRecord.RECEPTIONIST, clock.instant());
        return call.id();
    }

    public SubjectId subject(TenantId tenant) {
        return store.subjects()
                .create(
                        tenant,
                        new NewSubject(SensitiveText.of("Maria Jones"), BIRTH_DATE, SensitiveText.of("+14155554417")),
                        Acting.as(USER));
    }

    public NewSlot slot(Duration fromNow) {
        return new NewSlot(clock.instant().plus(fromNow), Duration.ofMinutes(30), SensitiveText.of("Doctor Lindqvist"));
    }

    /// One endpoint of a tenant that is told everything.
    public static Notices.Audience audience(TenantId tenant, String endpoint) {
        return new Notices.Audience(
                List.of(new Subscription(endpoint, tenant, Set.of(NoticeType.values()))),
                Duration.ofDays(3),
                _ -> {},
                () -> {});
    }

    public static byte[] token(int seed) {
        byte[] token = new byte[32];
        java.util.Arrays.fill(token, (byte) seed);
        return token;
    }

    /// Audio whose bytes tell where they are.
    public static ByteBuffer audio(long from, int length) {
        var buffer = ByteBuffer.allocate(length);
        for (int i = 0; i < length; i++) {
            buffer.put((byte) ((from + i) * 31 + ((from + i) >> 8)));
        }
        return buffer.flip();
    }

    /// Runs a statement as an attacker who has the owner's password could: on one tenant's rows.
    public int tamper(TenantId tenant, String statement, Object... parameters) {
        try (var connection = postgres.dataSource(Role.OWNER).getConnection()) {
            connection.setAutoCommit(false);
            var sql = new Sql(connection);
            sql.run("SELECT set_config('app.tenant', ?, true)", tenant.value().toString());
            int changed = sql.update(statement, parameters);
            connection.commit();
            return changed;
        } catch (SQLException e) {
            throw new AssertionError(e);
        }
    }

    @Override
    public void close() {
        store.close();
        keys.close();
    }
}
