package dev.sotto.agent;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sotto.core.ActorId;
import dev.sotto.core.IdSource;
import dev.sotto.core.SensitiveText;
import dev.sotto.core.SlotId;
import dev.sotto.core.TenantId;
import dev.sotto.keys.FakeKms;
import dev.sotto.keys.KeysFixture;
import dev.sotto.media.Answer;
import dev.sotto.media.IncomingCall;
import dev.sotto.media.LegListener;
import dev.sotto.media.StreamEnded;
import dev.sotto.media.StreamStart;
import dev.sotto.store.Acting;
import dev.sotto.store.NewSlot;
import dev.sotto.store.NewSubject;
import dev.sotto.store.PostgresKeyRecords;
import dev.sotto.store.Role;
import dev.sotto.store.Store;
import dev.sotto.store.StoreConfig;
import dev.sotto.store.Tenant;
import dev.sotto.store.TestPostgres;
import dev.sotto.testkit.FakeMeter;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/// Nodes that share one real database, one set of keys and one tenant, in virtual time.
final class DeskRig implements AutoCloseable {
    static final String ACCOUNT = "AC" + "0".repeat(32);
    static final ZoneId ZONE = ZoneId.of("America/New_York");
    static final Acting SETUP = Acting.as(new ActorId(ActorId.Kind.NODE, "setup"));
    private static final AtomicInteger NUMBERS = new AtomicInteger();

    final FakeTimers timers = new FakeTimers();
    /// One for all, as they share a database: the rows of keys are where the rows of calls are.
    private static final FakeKms KMS = new FakeKms();

    final KeysFixture keys =
            new KeysFixture(KMS, new PostgresKeyRecords(TestPostgres.shared().dataSource(Role.KEYS)));
    final FakeMeter meter = new FakeMeter();
    final IdSource ids = new IdSource(timers.clock(), new SecureRandom());
    final SwitchableDataSource database =
            new SwitchableDataSource(TestPostgres.shared().dataSource(Role.APP));
    final ExecutorService beside = Executors.newVirtualThreadPerTaskExecutor();
    final Store store;
    final Tenant tenant;
    private final List<Store> closing = new ArrayList<>();
    private final Path objects;

    DeskRig(Path objects, boolean recording, Optional<String> transferNumber) {
        this.objects = objects;
        store = store("n1");
        int number = NUMBERS.incrementAndGet();
        tenant = new Tenant(
                ids.tenantId(),
                "Test Clinic",
                "healthcare",
                ZONE,
                recording,
                transferNumber,
                "+1555%07d"
                        .formatted(
                                number + 1_000 * (int) (ProcessHandle.current().pid() % 9_000)));
        store.tenants().create(tenant);
    }

    Store store(String node) {
        var made = Store.open(
                new StoreConfig(objects, node), database, keys.service, keys.audit, timers.clock(), ids, meter);
        closing.add(made);
        return made;
    }

    TenantId id() {
        return tenant.id();
    }

    /// Maria, born 1984-05-12, whose phone ends in 4417, with an appointment, and three free slots.
    void patients() {
        var maria = store.subjects()
                .create(
                        id(),
                        new NewSubject(
                                SensitiveText.of("Maria Example"),
                                LocalDate.of(1984, 5, 12),
                                SensitiveText.of("+15550104417")),
                        SETUP);
        var slot = slot("2026-11-24T10:30");
        store.appointments().book(id(), maria, slot, SensitiveText.of("check-up"), SETUP);
        slot("2026-11-25T09:00");
        slot("2026-11-25T13:05");
        slot("2026-12-01T00:15");
    }

    private SlotId slot(String local) {
        var at = LocalDateTime.parse(local).atZone(ZONE).toInstant();
        return store.appointments()
                .addSlot(id(), new NewSlot(at, Duration.ofMinutes(30), SensitiveText.of("Dr. Example")), SETUP);
    }

    ReceptionDesk desk(String node) {
        return desk(node, store(node), 50);
    }

    ReceptionDesk desk(String node, Store with, int maxCalls) {
        var defaults = ReceptionConfig.defaults(node, Map.of(ACCOUNT, SensitiveText.of("secret")));
        var config = new ReceptionConfig(
                node,
                defaults.accounts(),
                maxCalls,
                defaults.tokenLife(),
                defaults.attempts(),
                defaults.times(),
                defaults.limits(),
                3);
        var parts = new CallParts(
                CallRig.VOICE, config.times(), config.limits(), timers, beside, timers.clock(), ids, meter);
        return ReceptionDesk.open(config, with, keys.audit, new SecureRandom(), parts, Optional.empty(), () -> {});
    }

    IncomingCall incoming(String callSid) {
        return incoming(callSid, "+15550104417");
    }

    IncomingCall incoming(String callSid, String from) {
        return new IncomingCall(ACCOUNT, callSid, SensitiveText.of(from), tenant.inboundNumber(), Map.of());
    }

    static String sid() {
        return "CA" + UUID.randomUUID().toString().replace("-", "");
    }

    static StreamStart start(String callSid, Answer.Connect connect) {
        return start(callSid, connect, connect.token());
    }

    static StreamStart start(String callSid, Answer.Connect connect, SensitiveText token) {
        return new StreamStart(
                ACCOUNT,
                callSid,
                "MZ" + "0".repeat(32),
                Map.of("token", token, "call", SensitiveText.of(connect.call().toString())));
    }

    static StreamEnded ended(String callSid, Answer.Connect connect) {
        return new StreamEnded(ACCOUNT, callSid, connect.call(), "in-progress");
    }

    /// A caller connected through a desk.
    DeskCall call(ReceptionDesk desk, String from) {
        var sid = sid();
        var connect = (Answer.Connect) desk.answer(incoming(sid, from));
        var leg = new FakeLeg(timers);
        Optional<LegListener> listener = desk.connect(start(sid, connect), leg);
        assertThat(listener).isPresent();
        leg.connect(listener.get());
        return new DeskCall(this, desk, sid, connect, leg);
    }

    /// Takes no more work and waits until all that runs beside the calls is done.
    void settle() throws InterruptedException {
        beside.shutdown();
        assertThat(beside.awaitTermination(10, TimeUnit.SECONDS)).isTrue();
    }

    @Override
    public void close() {
        beside.shutdown();
        closing.forEach(Store::close);
        keys.close();
    }
}
