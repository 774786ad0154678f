package dev.sotto.store;

import static dev.sotto.store.StoreFixture.BIRTH_DATE;
import static dev.sotto.store.StoreFixture.USER;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.sotto.core.CallId;
import dev.sotto.core.SensitiveText;
import dev.sotto.core.SottoException;
import dev.sotto.core.SubjectId;
import dev.sotto.core.TenantId;
import dev.sotto.core.UnavailableException;
import dev.sotto.keys.IndexKeys.Live;
import dev.sotto.keys.KeySlot;
import dev.sotto.keys.KeyTier;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Index keys are replaced while rows are written and searched for.
final class IndexRowsTest {
    private static final Acting ACTING = Acting.as(USER);
    private static final List<String> PURPOSES = List.of(Subjects.BIRTH_PHONE, Subjects.NAME_BIRTH);

    @TempDir
    Path objects;

    private StoreFixture fixture;
    private StoreFixture other;
    private TenantId tenant;

    @BeforeEach
    void open() {
        fixture = new StoreFixture(TestPostgres.shared(), objects);
        other = new StoreFixture(TestPostgres.shared(), objects, "node-" + UUID.randomUUID(), fixture.kms);
        tenant = fixture.tenant().id();
    }

    @AfterEach
    void close() {
        other.close();
        fixture.close();
    }

    private static SubjectId person(StoreFixture node, TenantId tenant, int number) {
        return node.store
                .subjects()
                .create(
                        tenant,
                        new NewSubject(
                                SensitiveText.of("Person " + number),
                                BIRTH_DATE,
                                SensitiveText.of("+1415555%04d".formatted(number))),
                        ACTING);
    }

    private static List<SubjectId> find(StoreFixture node, TenantId tenant, int number) {
        return node.store.subjects().findByBirthDateAndPhoneEnd(tenant, BIRTH_DATE, "%04d".formatted(number), ACTING);
    }

    private void rotate(StoreFixture node) {
        PURPOSES.forEach(purpose -> node.keys.indexKeys().rotate(tenant, purpose, USER));
    }

    private List<Live> live(StoreFixture node) {
        node.keys.blindIndex().forget();
        return node.keys.indexKeys().live(tenant, Subjects.BIRTH_PHONE);
    }

    private int under(UUID key) {
        // The owner sees the rows of the tenant it names; the statement changes nothing.
        return fixture.tamper(tenant, "UPDATE sotto.subject SET version = version WHERE birth_phone_key = ?", key);
    }

    private static void code(StoreError code, Callable<?> act) {
        assertThatExceptionOfType(SottoException.class)
                .isThrownBy(act::call)
                .satisfies(e -> assertThat(e.code()).isEqualTo(code));
    }

    @Test
    void step_computesAnew_retires_andEverybodyIsFoundThroughout() {
        var maria = person(fixture, tenant, 1);
        assertThat(find(other, tenant, 1)).containsExactly(maria);
        rotate(fixture);
        var john = person(fixture, tenant, 2);
        var keys = live(fixture);

        assertThat(find(other, tenant, 1)).containsExactly(maria);
        assertThat(find(other, tenant, 2)).containsExactly(john); // though that node has not heard of the new key
        assertThat(under(keys.getLast().id())).isEqualTo(1);

        assertThat(fixture.store.indexRows().step(tenant, 10)).isEqualTo(new IndexRows.Step(1, 0, 2));
        assertThat(under(keys.getFirst().id())).isEqualTo(2);
        assertThat(live(fixture)).containsExactly(keys.getFirst());
        assertThat(find(other, tenant, 1)).containsExactly(maria);
        assertThat(find(fixture, tenant, 2)).containsExactly(john);
        assertThat(fixture.store.indexRows().step(tenant, 10)).isEqualTo(new IndexRows.Step(0, 0, 0));
        assertThat(fixture.audit.types()).contains("index.recomputed", "key.index.retired");
        assertThat(fixture.audit.events("index.recomputed"))
                .singleElement()
                .satisfies(event -> assertThat(event.toString()).doesNotContain("Person", "4155550001"));
    }

    @Test
    void step_isBounded_andGoesOnWhereAnyNodeStopped() {
        for (int i = 0; i < 7; i++) {
            person(fixture, tenant, i);
        }
        rotate(fixture);

        assertThat(fixture.store.indexRows().step(tenant, 3)).isEqualTo(new IndexRows.Step(3, 0, 0));
        try (var restarted = new StoreFixture(TestPostgres.shared(), objects, "next-life", fixture.kms)) {
            assertThat(restarted.store.indexRows().step(tenant, 3)).isEqualTo(new IndexRows.Step(3, 0, 0));
        }
        for (int i = 0; i < 7; i++) {
            assertThat(find(fixture, tenant, i)).hasSize(1);
        }
        assertThat(other.store.indexRows().step(tenant, 3).recomputed()).isEqualTo(1);
        other.store.indexRows().step(tenant, 3);
        assertThat(live(fixture)).hasSize(1);
    }

    /// The log does not take the entry: the page is as it was.
    @Test
    void step_withoutALog_changesNothing() {
        var maria = person(fixture, tenant, 1);
        rotate(fixture);
        var old = live(fixture).getLast();
        fixture.audit.goDown();
        assertThatExceptionOfType(UnavailableException.class)
                .isThrownBy(() -> fixture.store.indexRows().step(tenant, 10));
        fixture.audit.comeBack();

        assertThat(under(old.id())).isEqualTo(1);
        assertThat(find(fixture, tenant, 1)).containsExactly(maria);
        assertThat(fixture.store.indexRows().step(tenant, 10).retired()).isEqualTo(2);
    }

    @Test
    void aRowThatDoesNotOpen_staysAndKeepsItsKeyLive() {
        var maria = person(fixture, tenant, 1);
        var john = person(fixture, tenant, 2);
        fixture.tamper(tenant, "UPDATE sotto.subject SET name_sealed = phone_sealed WHERE id = ?", maria.value());
        rotate(fixture);

        assertThat(fixture.store.indexRows().step(tenant, 10)).isEqualTo(new IndexRows.Step(1, 1, 0));
        assertThat(live(fixture)).hasSize(2);
        assertThat(find(fixture, tenant, 1)).containsExactly(maria);
        assertThat(find(fixture, tenant, 2)).containsExactly(john);
    }

    /// Somebody adds a row under the old key, and has not committed when the job takes its last look.
    @Test
    void aWriterUnderWay_isWaitedFor() throws Exception {
        person(fixture, tenant, 1);
        var old = live(fixture).getFirst();
        try (var pool = Executors.newVirtualThreadPerTaskExecutor();
                var connection = fixture.postgres.dataSource(Role.APP).getConnection()) {
            connection.setAutoCommit(false);
            var sql = new Sql(connection);
            sql.run("SELECT set_config('app.tenant', ?, true)", tenant.value().toString());
            sql.run(
                    "INSERT INTO sotto.subject SELECT tenant_id, ?, name_sealed, birth_date_sealed, phone_sealed,"
                            + " birth_phone_index, name_birth_index, version, created_at, birth_phone_key,"
                            + " name_birth_key FROM sotto.subject WHERE tenant_id = ?",
                    UUID.randomUUID(),
                    tenant.value());
            rotate(fixture);
            Future<IndexRows.Step> step =
                    pool.submit(() -> fixture.store.indexRows().step(tenant, 10));
            assertThat(step).failsWithin(Duration.ofMillis(500));
            connection.commit();
            // The copy is not sealed for its place, so that it does not open; what counts is that it was seen.
            assertThat(step.get(30, TimeUnit.SECONDS).retired()).isZero();
        }
        assertThat(under(old.id())).isEqualTo(1);
        assertThat(live(fixture)).hasSize(2);
    }

    @Test
    void aNewRow_underAReplacedKey_isRefusedByTheDatabase() throws Exception {
        person(fixture, tenant, 1);
        rotate(fixture);
        try (var connection = fixture.postgres.dataSource(Role.APP).getConnection()) {
            connection.setAutoCommit(false);
            var sql = new Sql(connection);
            sql.run("SELECT set_config('app.tenant', ?, true)", tenant.value().toString());
            assertThatExceptionOfType(SQLException.class)
                    .isThrownBy(() -> sql.run(
                            "INSERT INTO sotto.subject SELECT tenant_id, ?, name_sealed, birth_date_sealed,"
                                    + " phone_sealed, birth_phone_index, name_birth_index, version, created_at,"
                                    + " birth_phone_key, name_birth_key FROM sotto.subject WHERE tenant_id = ?",
                            UUID.randomUUID(),
                            tenant.value()))
                    .satisfies(e -> assertThat(e.getSQLState()).isEqualTo("SK002"));
        }
    }

    /// The way to replace an index is shut for everything but a fresh index under the key in use.
    @Test
    void reindex_downToAnOlderKey_orOfNoRow_isRefused() throws Exception {
        var maria = person(fixture, tenant, 1);
        rotate(fixture);
        fixture.store.indexRows().step(tenant, 10);
        var newest = live(fixture).getFirst().id();
        var name = fixture.keys
                .indexKeys()
                .live(tenant, Subjects.NAME_BIRTH)
                .getFirst()
                .id();
        var old = fixture.keys.list(Optional.of(tenant)).stream()
                .filter(key -> key.retired() && key.name().endsWith(Subjects.BIRTH_PHONE))
                .findFirst()
                .orElseThrow()
                .id();
        byte[][] values = {new byte[16], new byte[16]};
        try (var connection = fixture.postgres.dataSource(Role.APP).getConnection()) {
            for (var fresh : List.of(new UUID[] {old, name}, new UUID[] {newest, name}, new UUID[] {name, newest})) {
                connection.setAutoCommit(false);
                var sql = new Sql(connection);
                sql.run(
                        "SELECT set_config('app.tenant', ?, true)",
                        tenant.value().toString());
                assertThatExceptionOfType(SQLException.class)
                        .isThrownBy(() -> sql.run(
                                "SELECT sotto.reindex('subject', ?, 1, ?, ?, ?)",
                                maria.value(),
                                new UUID[] {newest, name},
                                fresh,
                                values))
                        .satisfies(e -> assertThat(e.getSQLState()).isIn("SK002", "42501"));
                connection.rollback();
            }
        }
        assertThat(find(fixture, tenant, 1)).containsExactly(maria);
    }

    /// The data came back from before the old key was retired: nobody is missed silently, and all heals.
    @Test
    void rowsUnderARetiredKey_broughtBack_failSearchesUntilTheyAreComputedAnew() {
        var maria = person(fixture, tenant, 1);
        var old = fixture.keys.blindIndex().of(tenant, Subjects.BIRTH_PHONE, BIRTH_DATE.toString(), "0001");
        rotate(fixture);
        fixture.store.indexRows().step(tenant, 10);
        fixture.tamper(
                tenant,
                "UPDATE sotto.subject SET birth_phone_index = ?, birth_phone_key = ? WHERE id = ?",
                old.bytes(),
                old.key(),
                maria.value());

        code(StoreError.INDEX_INCOMPLETE, () -> find(fixture, tenant, 1));
        code(StoreError.INDEX_INCOMPLETE, () -> find(other, tenant, 2));
        assertThat(fixture.store.indexRows().step(tenant, 10).recomputed()).isEqualTo(1);
        assertThat(find(fixture, tenant, 1)).containsExactly(maria);
        assertThat(find(other, tenant, 2)).isEmpty();
    }

    /// Rows from before migration 10 whose keys were not here then.
    @Test
    void rowsThatNameNoKey_areFound_andGetOne() {
        var maria = person(fixture, tenant, 1);
        fixture.tamper(tenant, "UPDATE sotto.subject SET birth_phone_key = NULL, name_birth_key = NULL");

        assertThat(find(fixture, tenant, 1)).containsExactly(maria);
        rotate(fixture);
        assertThat(find(fixture, tenant, 1)).containsExactly(maria);
        assertThat(fixture.store.indexRows().step(tenant, 10)).isEqualTo(new IndexRows.Step(1, 0, 2));
        assertThat(find(fixture, tenant, 1)).containsExactly(maria);
    }

    @Test
    void counters_goOnUnderTheOldKeyForTheirTime_andThenItIsRetired() {
        person(fixture, tenant, 1);
        var call = fixture.connected(tenant);
        var limits = new AttemptLimits(100, 2, 100, 100);
        for (int i = 0; i < 2; i++) {
            attempt(fixture, call, limits);
        }
        fixture.clock.advance(Duration.ofMinutes(1));
        fixture.keys.indexKeys().rotate(tenant, IdentityAttempts.PURPOSE, USER);
        other.keys.blindIndex().forget();
        assertThat(attempt(other, call, limits)).isInstanceOf(Identification.Locked.class);

        assertThat(fixture.store.indexRows().step(tenant, 10).retired()).isZero();
        fixture.clock.advance(IdentityAttempts.KEY_LIFE.plusMinutes(1));
        assertThat(fixture.store.indexRows().step(tenant, 10).retired()).isEqualTo(1);
    }

    private Identification attempt(StoreFixture node, CallId call, AttemptLimits limits) {
        return node.store
                .attempts()
                .identify(
                        tenant,
                        new IdentityAttempt(
                                call,
                                SensitiveText.of("+14155550123"),
                                new IdentityAttempt.Factors.PhoneEnd(
                                        SensitiveText.of("19840512"), SensitiveText.of("9999"))),
                        limits,
                        fixture.clock.instant(),
                        ACTING);
    }

    /// Three rotations while two nodes write, two search and two compute anew: no search misses anybody who was there
    /// before it began, and nothing fails.
    @Test
    void rotationsUnderLoad_missNobody() throws Exception {
        var written = new ConcurrentLinkedQueue<Integer>();
        for (int i = 0; i < 20; i++) {
            person(fixture, tenant, i);
            written.add(i);
        }
        var done = new AtomicBoolean();
        try (var pool = Executors.newVirtualThreadPerTaskExecutor()) {
            var all = new ArrayList<Future<?>>();
            for (int n = 0; n < 2; n++) {
                var node = n == 0 ? fixture : other;
                int from = 1000 * (n + 1);
                all.add(pool.submit(() -> {
                    for (int i = from; !done.get() && i < from + 900; i++) {
                        person(node, tenant, i);
                        written.add(i);
                    }
                }));
                all.add(pool.submit(() -> {
                    while (!done.get()) {
                        var known = new ArrayList<>(written);
                        int one = known.get((int) (Math.random() * known.size()));
                        assertThat(find(node, tenant, one)).as("person %d", one).hasSize(1);
                    }
                }));
                all.add(pool.submit(() -> {
                    while (!done.get()) {
                        node.store.indexRows().step(tenant, 10);
                    }
                }));
            }
            try {
                for (int rotation = 2; rotation <= 4; rotation++) {
                    rotate(rotation % 2 == 0 ? fixture : other);
                    long end = System.nanoTime() + Duration.ofSeconds(60).toNanos();
                    while (retiring() && System.nanoTime() < end) {
                        Thread.sleep(50);
                    }
                    assertThat(retiring()).isFalse();
                }
            } finally {
                done.set(true);
            }
            for (var each : all) {
                each.get(60, TimeUnit.SECONDS);
            }
        }
        var records = new PostgresKeyRecords(fixture.postgres.dataSource(Role.KEYS));
        var slot = KeySlot.purpose(tenant, "blind-index/" + Subjects.BIRTH_PHONE, KeyTier.PRIMARY);
        assertThat(records.floor(slot).opensFrom()).isEqualTo(4);
        for (int one : written) {
            assertThat(find(fixture, tenant, one)).hasSize(1);
        }
    }

    private boolean retiring() {
        fixture.keys.blindIndex().forget();
        return PURPOSES.stream()
                .anyMatch(purpose ->
                        fixture.keys.indexKeys().live(tenant, purpose).size() > 1);
    }
}
