package dev.sotto.store;

import static dev.sotto.store.StoreFixture.USER;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.sotto.core.DataClass;
import dev.sotto.core.IntegrityException;
import dev.sotto.core.KeyOwner;
import dev.sotto.core.SensitiveText;
import dev.sotto.core.SubjectId;
import dev.sotto.core.TenantId;
import dev.sotto.keys.ErasableKey;
import dev.sotto.keys.ErasableSlot;
import dev.sotto.keys.FakeKms;
import dev.sotto.keys.InMemoryKeyRecords;
import dev.sotto.keys.KeyLevel;
import dev.sotto.keys.KeyRecord;
import dev.sotto.keys.KeyState;
import dev.sotto.keys.KeyStatus;
import dev.sotto.keys.KeyTier;
import dev.sotto.keys.KeysError;
import dev.sotto.keys.KeysFixture;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Keys and rows of before keys had a life (migration 7), brought up to date: they open, and their keys can be
/// replaced, revoked and compromised as those made since.
final class OldRowsTest {
    private static final String BEFORE = "7";

    @TempDir
    static Path folder;

    private static final FakeKms KMS = new FakeKms();
    private static final InMemoryKeyRecords MADE = new InMemoryKeyRecords();
    private static final Deque<Written> ALL = new ArrayDeque<>();
    private static PostgresNode postgres;

    private TenantId tenant;
    private SubjectId subject;

    private record Written(TenantId tenant, SubjectId subject) {}

    @BeforeAll
    static void writeThenMigrate() throws SQLException {
        postgres = PostgresNode.start(TestPostgres.config(folder));
        var owner = postgres.dataSource(Role.OWNER);
        Migrations.flyway(owner).target(BEFORE).load().migrate();
        try (var keys = new KeysFixture(KMS, MADE)) {
            keys.service.createTenant(TenantId.OPERATOR);
            insertKeys(TenantId.OPERATOR);
            for (int i = 0; i < 3; i++) {
                var each = new Written(keys.tenant(), keys.ids.subjectId());
                write(keys, each.tenant(), each.subject(), "+1415555019" + i);
                ALL.add(each);
            }
        }
        Store.migrate(owner);
    }

    @AfterAll
    static void stop() {
        postgres.close();
    }

    /// Each test has a tenant of its own.
    @BeforeEach
    void take() {
        var written = ALL.remove();
        tenant = written.tenant();
        subject = written.subject();
    }

    private static void write(KeysFixture keys, TenantId tenant, SubjectId subject, String number) throws SQLException {
        var place = Subjects.place(tenant, subject, 1);
        var values = new TreeMap<>(Map.of(
                "name", bytes("Maria Jones"), "birth-date", bytes("1984-05-12"), "phone", bytes("+14155554417")));
        var sealed = keys.service.recordSealer().seal(place, values);
        byte[] phoneIndex = keys.service
                .blindIndex()
                .of(tenant, "subject-birth-phone", "1984-05-12", "4417")
                .bytes();
        byte[] nameIndex = keys.service
                .blindIndex()
                .of(tenant, "subject-name-birth", "maria jones", "1984-05-12")
                .bytes();
        insert(tenant, Role.OWNER, sql -> {
            sql.update(
                    "INSERT INTO sotto.tenant (id, name, vertical, zone, recording, inbound_number, created_at)"
                            + " VALUES (?, 'Clinic', 'healthcare', 'UTC', true, ?, now())",
                    tenant.value(),
                    number);
            sql.update(
                    "INSERT INTO sotto.subject (tenant_id, id, name_sealed, birth_date_sealed, phone_sealed,"
                            + " birth_phone_index, name_birth_index, version, created_at)"
                            + " VALUES (?, ?, ?, ?, ?, ?, ?, 1, now())",
                    tenant.value(),
                    subject.value(),
                    sealed.get("name"),
                    sealed.get("birth-date"),
                    sealed.get("phone"),
                    phoneIndex,
                    nameIndex);
        });
        insertKeys(tenant);
        var slot = ErasableSlot.of(tenant, DataClass.SUBJECT, new KeyOwner.OfSubject(subject), KeyTier.PRIMARY);
        insert(tenant, Role.KEYS, sql -> insert(sql, MADE.latest(slot).orElseThrow()));
    }

    private static void insertKeys(TenantId tenant) throws SQLException {
        insert(tenant, Role.KEYS, sql -> {
            for (var row : MADE.list(tenant)) {
                insert(sql, row);
            }
        });
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static void insert(TenantId as, Role role, Transactions.Act act) throws SQLException {
        try (var connection = postgres.dataSource(role).getConnection()) {
            connection.setAutoCommit(false);
            var sql = new Sql(connection);
            sql.run("SELECT set_config('app.tenant', ?, true)", as.value().toString());
            act.in(sql);
            connection.commit();
        }
    }

    private static void insert(Sql sql, KeyRecord row) throws SQLException {
        sql.update(
                "INSERT INTO sotto.key_record (tenant_id, id, level, name, tier, version, state, algorithm, kek,"
                        + " wrapped, created_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                row.slot().tenant().value(),
                row.id(),
                row.slot().level().code(),
                row.slot().name(),
                row.slot().tier().code(),
                row.version(),
                row.state(),
                row.algorithm(),
                row.wrapped().kek().text(),
                row.wrapped().bytes(),
                row.createdAt());
    }

    private static void insert(Sql sql, ErasableKey row) throws SQLException {
        sql.update(
                "INSERT INTO sotto.erasable_key (tenant_id, id, data_class, owner, tier, version, algorithm, kek,"
                        + " wrapped, created_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                row.slot().tenant().value(),
                row.id(),
                row.slot().dataClass().code(),
                row.slot().owner(),
                row.slot().tier().code(),
                row.version(),
                row.algorithm(),
                row.wrapped().kek().text(),
                row.wrapped().bytes(),
                row.createdAt());
    }

    private StoreFixture node() {
        return new StoreFixture(postgres, folder.resolve("objects"), "node-1", KMS);
    }

    private void assertOpens(StoreFixture node) {
        node.keys.forgetUnwrapped();
        assertThat(node.store.subjects().find(tenant, subject, Acting.as(USER)))
                .hasValueSatisfying(found -> assertThat(found.name()).isEqualTo(SensitiveText.of("Maria Jones")));
        assertThat(node.store
                        .subjects()
                        .findByBirthDateAndPhoneEnd(tenant, StoreFixture.BIRTH_DATE, "4417", Acting.as(USER)))
                .containsExactly(subject);
    }

    @Test
    void oldRows_open_andTheirKeysRotate() {
        try (var node = node()) {
            node.keys.lifecycle().refresh(); // the key state has its first number
            assertOpens(node);

            node.keys.lifecycle().rotateTenantKey(tenant, KeyTier.PRIMARY, USER);
            node.keys.lifecycle().rotateClassKey(tenant, DataClass.SUBJECT, KeyTier.PRIMARY, USER);
            node.keys.lifecycle().rewrapKeys(tenant, USER);
            assertThat(node.keys
                            .lifecycle()
                            .rewrapRecordKeys(tenant, DataClass.SUBJECT, KeyTier.PRIMARY, 10, USER)
                            .done())
                    .isEqualTo(1);
            assertOpens(node);
        }
    }

    @Test
    void oldRows_areSealedAnewAfterACompromise() {
        try (var node = node()) {
            KeyStatus key = classKey(node, KeyState.ACTIVE);
            node.keys.lifecycle().compromised(tenant, key.id(), USER);

            node.store.exposedRows().reseal(tenant, key.id(), 10);
            node.store.exposedRows().reseal(tenant, key.id(), 10);

            assertThat(classKey(node, KeyState.COMPROMISED).recordKeys()).isZero();
            assertOpens(node);
        }
    }

    /// The floor was filled in from the versions that were there: a key row that vanishes is noticed.
    @Test
    void oldKeys_haveTheirFloor() throws SQLException {
        insert(tenant, Role.OWNER, sql -> {
            assertThat(sql.list(
                            row -> row.text("level") + " " + row.text("name") + " " + row.integer("seals_from"),
                            "SELECT level, name, seals_from FROM sotto.key_floor"))
                    .contains("tenant  1", "class subject 1", "purpose blind-index/subject-name-birth 1");
            sql.update("DELETE FROM sotto.key_record WHERE level = 'class'");
        });
        try (var node = node()) {
            assertThatExceptionOfType(IntegrityException.class)
                    .isThrownBy(() -> node.subject(tenant))
                    .satisfies(e -> assertThat(e.code()).isEqualTo(KeysError.KEY_ROLLED_BACK));
        }
    }

    private KeyStatus classKey(StoreFixture node, KeyState state) {
        return node.keys.list(Optional.of(tenant)).stream()
                .filter(key -> key.level() == KeyLevel.CLASS
                        && key.name().equals(DataClass.SUBJECT.code())
                        && key.state() == state)
                .findFirst()
                .orElseThrow();
    }
}
