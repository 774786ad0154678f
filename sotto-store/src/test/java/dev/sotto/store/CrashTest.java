package dev.sotto.store;

import static dev.sotto.store.StoreFixture.USER;
import static dev.sotto.store.StoreFixture.audio;
import static dev.sotto.store.StoreFixture.token;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sotto.core.CallId;
import dev.sotto.core.ConflictException;
import dev.sotto.core.SensitiveText;
import dev.sotto.core.TenantId;
import dev.sotto.core.TurnId;
import dev.sotto.core.UnavailableException;
import dev.sotto.testkit.LeakScan;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// A database of its own, killed and searched.
@Timeout(90)
final class CrashTest {
    private static final String NAME = "Wilhelmina Quackenbush";
    private static final String NUMBER = "+14155558842";
    private static final String WORDS = "the biopsy of Wilhelmina Quackenbush";
    private static final String EMAIL = "quackenbush.admin@clinic.example";

    @TempDir
    Path folder;

    private PostgresNode postgres;
    private StoreFixture fixture;

    @BeforeEach
    void open() {
        postgres = PostgresNode.start(TestPostgres.config(folder));
        Store.migrate(postgres.dataSource(Role.OWNER));
        fixture = new StoreFixture(postgres, folder.resolve("objects"));
    }

    @AfterEach
    void close() {
        fixture.close();
        postgres.close();
    }

    private NewTurn turn(String text) {
        return new NewTurn(
                fixture.ids.turnId(),
                Speaker.CALLER,
                TurnKind.SPEECH,
                Duration.ZERO,
                Duration.ZERO,
                TurnText.of(new TurnText.Part.Protected("WORDS", SensitiveText.of(text))));
    }

    @Test
    void databaseKilledDuringWrites_keepsEveryAcknowledgedTurn() throws Exception {
        var tenant = fixture.tenant().id();
        var call = fixture.connected(tenant);
        var acknowledged = new ArrayList<TurnId>();
        var enough = new CountDownLatch(30);
        var stop = new AtomicBoolean();
        var unknown = new AtomicInteger();
        var writer = Thread.ofVirtual().start(() -> {
            while (!stop.get()) {
                var turn = turn("hello");
                try {
                    fixture.store.turns().append(tenant, call, turn);
                    acknowledged.add(turn.id());
                    enough.countDown();
                } catch (UnavailableException down) {
                    unknown.incrementAndGet();
                }
            }
        });
        assertThat(enough.await(30, TimeUnit.SECONDS)).isTrue();

        ProcessHandle.of(postgres.pid()).orElseThrow().destroyForcibly();

        eventually(() -> {
            if (postgres.restarts() == 0) {
                throw new UnavailableException(StoreError.DATABASE_UNAVAILABLE, "the server was not started again yet");
            }
            return postgres.restarts();
        });
        stop.set(true);
        writer.join();
        List<TurnId> kept = eventually(() -> fixture.store.turns().list(tenant, call, USER)).stream()
                .map(Turn::id)
                .toList();
        assertThat(kept).containsAll(acknowledged);
        assertThat(kept.size()).isLessThanOrEqualTo(acknowledged.size() + unknown.get());
        assertThat(postgres.restarts()).isEqualTo(1);
        fixture.store.turns().append(tenant, call, turn("again"));
    }

    @Test
    void databaseKilledDuringARecording_theFileGoesOn() {
        var tenant = fixture.tenant().id();
        var call = fixture.connected(tenant);
        try (var writer = fixture.store.recordings().start(tenant, call)) {
            writer.write(audio(0, 32_000));
            ProcessHandle.of(postgres.pid()).orElseThrow().destroyForcibly();
            for (int i = 2; i < 6; i++) {
                fixture.clock.advance(Duration.ofSeconds(2));
                writer.write(audio(i * 16_000L, 16_000));
            }
            var info = eventually(writer::finish);
            assertThat(info.duration()).isEqualTo(Duration.ofSeconds(6));
        }
        try (var reader = fixture.store.recordings().open(tenant, call, USER)) {
            assertThat(reader.sizeBytes()).isEqualTo(96_000);
        }
    }

    /// Tries again while the database is away.
    private static <T> T eventually(Supplier<T> act) {
        long deadline = System.nanoTime() + Duration.ofSeconds(30).toNanos();
        while (true) {
            try {
                return act.get();
            } catch (UnavailableException | ConflictException away) {
                if (System.nanoTime() > deadline) {
                    throw away;
                }
                Thread.onSpinWait();
            }
        }
    }

    @Test
    void dataDirectory_holdsNoPlaintextAnywhere() throws Exception {
        var tenant = fixture.tenant().id();
        var call = everything(tenant);
        byte[] sound = audio(5_000, 64).array();
        var scan = new LeakScan()
                .text("name", "Quackenbush")
                .text("number", NUMBER.substring(1))
                .text("words", "biopsy")
                .text("email", "quackenbush.admin")
                .text("password hash", "$argon2id$canary")
                .text("birth date", "1931-07-23")
                .text("keyed date", "19310723")
                .text("reason", "mole on the shoulder")
                .text(
                        "database password",
                        TestPostgres.passwords().get(Role.APP).reveal())
                .bytes("audio", sound);

        shows(scan);
        assertThat(scan.search(folder)).isEmpty();
        assertThat(fixture.store.turns().list(tenant, call, USER)).hasSize(1);
        fixture.close();
        postgres.close();
        assertThat(scan.search(folder)).isEmpty();
    }

    private CallId everything(TenantId tenant) {
        var store = fixture.store;
        var subject = store.subjects()
                .create(
                        tenant,
                        new NewSubject(SensitiveText.of(NAME), LocalDate.of(1931, 7, 23), SensitiveText.of(NUMBER)),
                        Acting.as(USER));
        var offered = store.calls()
                .offer(NewCall.receptionist(
                        tenant,
                        fixture.ids.callId(),
                        "CA1",
                        SensitiveText.of(NUMBER),
                        token(1),
                        fixture.clock.instant().plusSeconds(60)));
        var call = offered.id();
        store.calls().connect(tenant, call, token(1), fixture.nodeId, fixture.clock.instant());
        store.calls().announce(tenant, call, true, CallRecord.RECEPTIONIST, fixture.clock.instant());
        store.attempts()
                .identify(
                        tenant,
                        new IdentityAttempt(
                                call, SensitiveText.of(NUMBER), SensitiveText.of("19310723"), SensitiveText.of("8842")),
                        AttemptLimits.defaults(),
                        fixture.clock.instant(),
                        Acting.as(USER));
        store.calls().verified(tenant, call, subject);
        store.turns().append(tenant, call, turn(WORDS));
        try (var writer = store.recordings().start(tenant, call)) {
            for (int i = 0; i < 4; i++) {
                writer.write(audio(i * 16_000L, 16_000));
                fixture.clock.advance(Duration.ofSeconds(1));
            }
        }
        store.recordings().recoverAll(fixture.nodeId);
        var slot = store.appointments().addSlot(tenant, fixture.slot(Duration.ofDays(3)), Acting.as(USER));
        store.appointments().book(tenant, subject, slot, SensitiveText.of("mole on the shoulder"), Acting.as(USER));
        store.staff()
                .create(tenant, SensitiveText.of(EMAIL), SensitiveText.of("$argon2id$canary"), StaffRole.ADMIN, USER);
        store.subjects().find(tenant, subject, Acting.as(USER));
        return call;
    }

    /// The search must find each canary in each form before its silence says anything: in a copy of a real file of
    /// the database, at an odd place.
    private void shows(LeakScan scan) throws Exception {
        Path wal = folder.resolve("postgres/data/pg_wal");
        Path original;
        try (var files = Files.list(wal)) {
            original = files.filter(Files::isRegularFile).findFirst().orElseThrow();
        }
        Path planted = Files.createDirectory(folder.resolve("planted"));
        Path copy = planted.resolve("copy");
        for (var form : scan.forms().entrySet()) {
            Files.copy(original, copy, StandardCopyOption.REPLACE_EXISTING);
            try (var channel = FileChannel.open(copy, StandardOpenOption.WRITE)) {
                channel.write(ByteBuffer.wrap(form.getValue()), 4_194_303L);
            }
            assertThat(scan.search(planted)).as(form.getKey()).isNotEmpty();
        }
        Files.delete(copy);
        Files.delete(planted);
    }
}
