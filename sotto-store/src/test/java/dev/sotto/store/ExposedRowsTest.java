package dev.sotto.store;

import static dev.sotto.store.StoreFixture.USER;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.sotto.core.CallId;
import dev.sotto.core.DataClass;
import dev.sotto.core.IntegrityException;
import dev.sotto.core.KeyOwner;
import dev.sotto.core.SealContext;
import dev.sotto.core.SensitiveText;
import dev.sotto.core.SlotId;
import dev.sotto.core.SubjectId;
import dev.sotto.core.TenantId;
import dev.sotto.keys.KeyLevel;
import dev.sotto.keys.KeyState;
import dev.sotto.keys.KeyStatus;
import dev.sotto.keys.KeyTier;
import dev.sotto.store.ExposedRows.Step;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// A class key became known, and with it every record key it wraps.
final class ExposedRowsTest {
    private static final Acting ACTING = Acting.as(USER);
    private static final List<String> VERSIONED =
            List.of("subject", "call", "turn", "slot", "appointment", "staff_user", "call_insight");

    @TempDir
    Path objects;

    private StoreFixture fixture;
    private TenantId tenant;
    private SubjectId maria;
    private CallId call;
    private StaffUser staff;

    @BeforeEach
    void open() {
        fixture = new StoreFixture(TestPostgres.shared(), objects);
        tenant = fixture.tenant().id();
        maria = fixture.subject(tenant);
        call = fixture.connected(tenant);
        turn(fixture, "pressed 1");
        turn(fixture, "pressed 2");
        var slot = fixture.store.appointments().addSlot(tenant, fixture.slot(Duration.ofDays(1)), ACTING);
        fixture.store.appointments().addSlot(tenant, fixture.slot(Duration.ofDays(2)), ACTING);
        fixture.store.appointments().book(tenant, maria, slot, SensitiveText.of("check-up"), ACTING);
        staff = fixture.store
                .staff()
                .create(
                        tenant,
                        SensitiveText.of(tenant + "@clinic.example"),
                        SensitiveText.of("hash"),
                        StaffRole.ADMIN,
                        USER);
        Instant now = fixture.clock.instant();
        fixture.store
                .insights()
                .keep(
                        tenant,
                        call,
                        new CallSummary(new Maker("rules-1", "no_model"), now, TurnText.clear("a booking")));
    }

    @AfterEach
    void close() {
        fixture.close();
    }

    private void turn(StoreFixture node, String words) {
        node.store
                .turns()
                .append(
                        tenant,
                        call,
                        new NewTurn(
                                fixture.ids.turnId(),
                                Speaker.CALLER,
                                TurnKind.KEYPAD,
                                Duration.ZERO,
                                Duration.ZERO,
                                TurnText.clear(words)));
    }

    private List<KeyStatus> classKeys(KeyState state) {
        return fixture.keys.list(Optional.of(tenant)).stream()
                .filter(key -> key.level() == KeyLevel.CLASS && key.state() == state)
                .toList();
    }

    private KeyStatus classKey(DataClass dataClass, KeyState state) {
        return classKeys(state).stream()
                .filter(key -> key.name().equals(dataClass.code()))
                .findFirst()
                .orElseThrow();
    }

    /// Every class key of the tenant is known to somebody.
    private void compromiseAll() {
        for (var key : classKeys(KeyState.ACTIVE)) {
            fixture.keys.lifecycle().compromised(tenant, key.id(), USER);
        }
    }

    private long exposed() {
        return classKeys(KeyState.COMPROMISED).stream()
                .mapToLong(KeyStatus::recordKeys)
                .sum();
    }

    private Step step(StoreFixture node, DataClass dataClass, int limit) {
        return node.store
                .exposedRows()
                .reseal(tenant, classKey(dataClass, KeyState.COMPROMISED).id(), limit);
    }

    private void stepAll(StoreFixture node, int limit) {
        for (var key : classKeys(KeyState.COMPROMISED)) {
            node.store.exposedRows().reseal(tenant, key.id(), limit);
        }
    }

    private void assertAllOpens(StoreFixture node) {
        node.keys.forgetUnwrapped();
        assertThat(node.store
                        .subjects()
                        .find(tenant, maria, ACTING)
                        .orElseThrow()
                        .phone())
                .isEqualTo(SensitiveText.of("+14155554417"));
        assertThat(node.store.calls().revealFrom(tenant, call, USER)).isEqualTo(SensitiveText.of("+14155550123"));
        assertThat(node.store.turns().list(tenant, call, USER))
                .extracting(turn -> turn.text().redacted())
                .containsExactly("pressed 1", "pressed 2");
        assertThat(node.store.appointments().next(tenant, maria, fixture.clock.instant(), ACTING))
                .hasValueSatisfying(next -> assertThat(next.reason()).isEqualTo(SensitiveText.of("check-up")));
        assertThat(node.store.appointments().freeSlots(tenant, fixture.clock.instant(), 5, ACTING))
                .hasSize(1);
        assertThat(node.store.staff().find(tenant, staff.id(), USER)).contains(staff);
        assertThat(node.store.insights().open(tenant, call, USER).summary()).isPresent();
    }

    private List<byte[]> sealed(String table, String column) {
        return query("SELECT " + column + " AS found FROM sotto." + table, row -> row.bytes("found"));
    }

    private <T> List<T> query(String text, Sql.Mapper<T> mapper) {
        try (var connection = fixture.postgres.dataSource(Role.OWNER).getConnection()) {
            connection.setAutoCommit(false);
            var sql = new Sql(connection);
            sql.run("SELECT set_config('app.tenant', ?, true)", tenant.value().toString());
            return sql.list(mapper, text);
        } catch (SQLException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void reseal_ofEveryTable_opensAll_andTheExposedKeysAreGone() {
        compromiseAll();
        var names = sealed("subject", "name_sealed");
        assertThat(exposed()).isPositive();

        stepAll(fixture, 100);
        long between = exposed();
        stepAll(fixture, 100);

        assertThat(between).isPositive(); // readers under way are given until the next visit
        assertThat(exposed()).isZero();
        for (var table : VERSIONED) {
            assertThat(query("SELECT version FROM sotto." + table, row -> row.number("version")))
                    .as(table)
                    .isNotEmpty()
                    .allMatch(version -> version == 2);
        }
        assertAllOpens(fixture);
        assertThat(fixture.audit.events("row.resealed"))
                .hasSize(9)
                .allSatisfy(event -> assertThat(event.details()).containsEntry("version", "2"));
        assertThat(fixture.audit.events("row.resealed"))
                .filteredOn(event -> event.details().get("record").equals("subject"))
                .singleElement()
                .satisfies(event -> {
                    assertThat(event.subjectHash()).isPresent();
                    assertThat(event.details()).containsKeys("digest_name", "digest_birth_date", "digest_phone");
                    assertThat(event.toString()).doesNotContain(maria.toString());
                });
        var before = new SealContext(
                tenant, DataClass.SUBJECT, new KeyOwner.OfSubject(maria), "subject", maria.toString(), "name", 1);
        assertThatExceptionOfType(IntegrityException.class) // what was stolen from the old table opens nowhere
                .isThrownBy(() -> fixture.keys.sealer().open(before, names.getFirst()));
    }

    @Test
    void rewrap_ofAnExposedRecordKey_doesNotHideIt() {
        compromiseAll();
        long before = exposed();

        fixture.keys.lifecycle().rewrapRecordKeys(tenant, DataClass.SUBJECT, KeyTier.PRIMARY, 100, USER);

        assertThat(exposed()).isEqualTo(before);
    }

    @Test
    void reseal_thatStoppedBetweenSteps_goesOnOnAnotherNode() {
        compromiseAll();
        assertThat(step(fixture, DataClass.TRANSCRIPT, 1)).isEqualTo(new Step(1, 0, 0, 0));
        assertThat(query("SELECT version FROM sotto.turn ORDER BY id", row -> row.number("version")))
                .containsExactly(2L, 1L);
        assertAllOpens(fixture); // half done

        try (var other = new StoreFixture(fixture.postgres, objects)) {
            assertThat(step(other, DataClass.TRANSCRIPT, 1)).isEqualTo(new Step(1, 0, 0, 0));
            assertThat(step(other, DataClass.TRANSCRIPT, 1)).isEqualTo(new Step(0, 1, 0, 0));
            assertThat(step(fixture, DataClass.TRANSCRIPT, 1)).isEqualTo(new Step(0, 0, 0, 0));
            assertAllOpens(other);
        }
    }

    @Test
    void writer_withAnExposedKeyInItsCache_sealsAnew_andNothingIsLost() {
        try (var other = new StoreFixture(fixture.postgres, objects)) {
            turn(other, "pressed 3"); // it holds the record key now, and polls nothing
            compromiseAll();
            var exposed = classKey(DataClass.TRANSCRIPT, KeyState.COMPROMISED).id();

            turn(other, "pressed 4");

            stepAll(fixture, 100);
            stepAll(fixture, 100);
            assertThat(fixture.keys.lifecycle().exposed(tenant, exposed, Optional.empty(), 10))
                    .isEmpty();
            assertThat(other.meter.counted("keys.field.sealed")).isEqualTo(3); // one of them twice
            assertThat(other.store.turns().list(tenant, call, USER)).hasSize(4);
        }
    }

    /// A writer's transaction began before the compromise and ends after everything else was sealed anew.
    @Test
    void writer_underWay_isWaitedFor_andItsRowSealedAnew() throws Exception {
        var id = fixture.ids.slotId();
        try (var threads = Executors.newVirtualThreadPerTaskExecutor();
                var connection = fixture.postgres.dataSource(Role.APP).getConnection()) {
            connection.setAutoCommit(false);
            insert(connection, id);
            compromiseAll();
            assertThat(step(fixture, DataClass.APPOINTMENT, 100).resealed()).isEqualTo(3);

            var visit = threads.submit(() -> step(fixture, DataClass.APPOINTMENT, 100));
            awaitWaiting();
            connection.commit();

            assertThat(visit.get(30, TimeUnit.SECONDS).resealed()).isZero();
        }
        assertThat(step(fixture, DataClass.APPOINTMENT, 100).resealed()).isEqualTo(1);
        step(fixture, DataClass.APPOINTMENT, 100);
        fixture.keys.forgetUnwrapped();
        assertThat(classKey(DataClass.APPOINTMENT, KeyState.COMPROMISED).recordKeys())
                .isZero();
        assertThat(fixture.store.appointments().freeSlots(tenant, fixture.clock.instant(), 5, ACTING))
                .extracting(Slot::id)
                .contains(id);
    }

    private void insert(Connection connection, SlotId id) throws SQLException {
        var sql = new Sql(connection);
        sql.run("SELECT set_config('app.tenant', ?, true)", tenant.value().toString());
        var context = new SealContext(
                tenant, DataClass.APPOINTMENT, new KeyOwner.OfTenant(tenant), "slot", id.toString(), "provider", 1);
        sql.update(
                "INSERT INTO sotto.slot (tenant_id, id, starts_at, length_minutes, provider_sealed, version)"
                        + " VALUES (?, ?, ?, 30, ?, 1)",
                tenant.value(),
                id.value(),
                fixture.clock.instant().plus(Duration.ofDays(3)),
                fixture.keys.sealer().seal(context, "Doctor Ek".getBytes(StandardCharsets.UTF_8)));
    }

    /// Until somebody waits for the lock of the rows of an owner.
    private void awaitWaiting() throws SQLException {
        long end = System.nanoTime() + Duration.ofSeconds(20).toNanos();
        try (var connection = fixture.postgres.dataSource(Role.OWNER).getConnection()) {
            var sql = new Sql(connection);
            while (sql.list(
                            row -> row.integer("pid"),
                            "SELECT pid FROM pg_locks WHERE locktype = 'advisory' AND NOT granted")
                    .isEmpty()) {
                if (System.nanoTime() > end) {
                    throw new AssertionError("nobody waits for the writer");
                }
                Thread.onSpinWait();
            }
        }
    }

    @Test
    void manyRows_takeManySteps_onTwoNodesAtOnce() throws Exception {
        var turns = new ArrayList<String>(List.of("pressed 1", "pressed 2"));
        for (int i = 0; i < 60; i++) {
            turn(fixture, "word " + i);
            turns.add("word " + i);
        }
        compromiseAll();
        UUID key = classKey(DataClass.TRANSCRIPT, KeyState.COMPROMISED).id();
        try (var other = new StoreFixture(fixture.postgres, objects);
                var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            var both = List.of(fixture, other).stream()
                    .map(node -> threads.submit(() -> drain(node, key)))
                    .toList();
            for (var each : both) {
                each.get(60, TimeUnit.SECONDS);
            }
        } catch (ExecutionException | TimeoutException failed) {
            throw new AssertionError(failed);
        }

        assertThat(fixture.store.turns().list(tenant, call, USER))
                .extracting(turn -> turn.text().redacted())
                .containsExactlyElementsOf(turns);
        assertThat(query("SELECT version FROM sotto.turn", row -> row.number("version")))
                .allMatch(version -> version == 2);
    }

    private long drain(StoreFixture node, UUID key) {
        long done = 0;
        while (!node.keys.lifecycle().exposed(tenant, key, Optional.empty(), 1).isEmpty()) {
            done += node.store.exposedRows().reseal(tenant, key, 7).resealed();
        }
        return done;
    }

    @Test
    void application_mayReplaceASealedFieldOnlyWhileItsKeyIsExposed() {
        var place = Turns.place(tenant, call, fixture.ids.turnId(), 1);
        byte[] mine = fixture.keys.sealer().seal(place.field("text"), new byte[] {1});
        assertThat(replace(mine)).isEqualTo("SK001"); // in order

        compromiseAll();
        assertThat(replace(mine)).isEqualTo("SK001"); // not by one under the exposed key

        var other = Turns.place(tenant, fixture.ids.callId(), fixture.ids.turnId(), 1);
        byte[] foreign = fixture.keys.sealer().seal(other.field("text"), new byte[] {1});
        assertThat(replace(foreign)).isEqualTo("SK001"); // not by one of another call

        byte[] fresh = fixture.keys.sealer().seal(place.field("text"), new byte[] {1});
        assertThat(replace(fresh)).isEqualTo("done"); // so it was not for another reason
    }

    private String replace(byte[] fresh) {
        record Found(UUID id, Sealed text) {}
        var old = query(
                        "SELECT id, text_sealed FROM sotto.turn LIMIT 1",
                        row -> new Found(row.id("id"), row.sealed("text_sealed")))
                .getFirst();
        try (var connection = fixture.postgres.dataSource(Role.APP).getConnection()) {
            connection.setAutoCommit(false);
            var sql = new Sql(connection);
            sql.run("SELECT set_config('app.tenant', ?, true)", tenant.value().toString());
            boolean done = sql.first(
                            row -> row.flag("done"),
                            "SELECT sotto.reseal('turn', ?, '', 1, ?, ?) AS done",
                            old.id(),
                            new byte[][] {old.text().bytes()},
                            new byte[][] {fresh})
                    .orElseThrow();
            return done ? "done" : "not as read";
        } catch (SQLException refused) {
            return refused.getSQLState();
        }
    }
}
