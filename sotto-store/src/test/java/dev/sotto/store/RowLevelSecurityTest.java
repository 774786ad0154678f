package dev.sotto.store;

import static dev.sotto.store.StoreFixture.AGENT;
import static dev.sotto.store.StoreFixture.USER;
import static dev.sotto.store.StoreFixture.audio;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.sotto.core.DataClass;
import dev.sotto.core.KeyOwner;
import dev.sotto.core.SensitiveText;
import dev.sotto.core.TenantId;
import dev.sotto.keys.DestructionRequest;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Speaks to the database directly, as code with a mistake in it, or an intruder, would.
final class RowLevelSecurityTest {
    private static final Set<String> KEY_TABLES = Set.of(
            "key_record", "erasable_key", "destroyed_key", "key_state", "key_floor", "key_usage", "key_destruction");

    @TempDir
    static Path objects;

    private static StoreFixture fixture;
    private static TenantId mine;
    private static TenantId other;
    private static List<String> tables;

    /// Two tenants with a row in every table.
    @BeforeAll
    static void fill() throws SQLException {
        fixture = new StoreFixture(TestPostgres.shared(), objects);
        mine = filled();
        other = filled();
        try (var connection = fixture.postgres.dataSource(Role.OWNER).getConnection()) {
            tables = strings(
                    connection,
                    "SELECT relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
                            + " WHERE n.nspname = 'sotto' AND c.relkind IN ('r', 'p') AND relname <> 'migration'");
        }
    }

    @AfterAll
    static void close() {
        fixture.close();
    }

    private static TenantId filled() {
        var store = fixture.store;
        var tenant = fixture.tenant().id();
        var subject = fixture.subject(tenant);
        var call = fixture.connected(tenant);
        store.turns()
                .append(
                        tenant,
                        call,
                        new NewTurn(
                                fixture.ids.turnId(),
                                Speaker.AGENT,
                                TurnKind.PROMPT,
                                Duration.ZERO,
                                Duration.ZERO,
                                TurnText.clear("hello")));
        try (var writer = store.recordings().start(tenant, call)) {
            writer.write(audio(0, 16_000));
            writer.finish();
        }
        var slot = store.appointments().addSlot(tenant, fixture.slot(Duration.ofDays(1)), Acting.as(USER));
        store.appointments().book(tenant, subject, slot, SensitiveText.of("check-up"), Acting.as(USER));
        store.attempts()
                .identify(
                        tenant,
                        new IdentityAttempt(call, SensitiveText.of("1"), SensitiveText.of("2"), SensitiveText.of("3")),
                        AttemptLimits.defaults(),
                        fixture.clock.instant(),
                        Acting.in(call, AGENT));
        byte[] token = new byte[32];
        System.arraycopy(tenant.toString().getBytes(UTF_8), 0, token, 0, 26);
        store.staff().offerSetup(tenant, token, fixture.clock.instant(), USER);
        var user = store.staff()
                .create(
                        tenant,
                        SensitiveText.of(tenant + "@clinic.example"),
                        SensitiveText.of("hash"),
                        StaffRole.ADMIN,
                        USER);
        store.staff()
                .startSession(
                        tenant, user.id(), token, Duration.ofHours(1), Duration.ofHours(1), fixture.clock.instant());
        store.notices().tell(StoreFixture.audience(tenant, "crm"));
        store.notices()
                .raise(NewNotice.of(
                        tenant,
                        NoticeType.CALL_COMPLETED,
                        call,
                        fixture.clock.instant(),
                        Map.of("outcome", "completed")));
        store.idempotency().claim(tenant, "user", "key", "POST /");
        var owner = new KeyOwner.OfCall(fixture.ids.callId());
        fixture.keys.destroyRecordKey(tenant, DataClass.SUMMARY, owner);
        fixture.keys.lifecycle().reportUse();
        fixture.keys.destruction().request(tenant, new DestructionRequest.Target.OfTenant(), "closed", USER);
        store.calls().setOutcome(tenant, call, CallOutcome.COMPLETED, fixture.clock.instant());
        store.insights()
                .keep(
                        tenant,
                        call,
                        new CallSummary(
                                new Maker("rules-1", "no_model"), fixture.clock.instant(), TurnText.clear("words")));
        return tenant;
    }

    @Test
    void everyTable_isCoveredByTheMatrix() {
        assertThat(tables)
                .containsExactlyInAnyOrder(
                        "tenant",
                        "subject",
                        "call",
                        "turn",
                        "artifact",
                        "slot",
                        "appointment",
                        "identity_attempt",
                        "staff_user",
                        "staff_session",
                        "setup_token",
                        "notice",
                        "delivery",
                        "idempotency_key",
                        "key_record",
                        "erasable_key",
                        "destroyed_key",
                        "key_state",
                        "key_floor",
                        "key_usage",
                        "key_destruction",
                        "wrap_up",
                        "call_insight");
    }

    @Test
    void everyTable_hasRowLevelSecurityForced() throws SQLException {
        try (var connection = fixture.postgres.dataSource(Role.OWNER).getConnection()) {
            assertThat(strings(
                            connection,
                            "SELECT relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
                                    + " WHERE n.nspname = 'sotto' AND c.relkind IN ('r', 'p') AND relname <> 'migration'"
                                    + " AND NOT (relrowsecurity AND relforcerowsecurity)"))
                    .isEmpty();
        }
    }

    @Test
    void withoutATenant_nobodySeesARow() throws SQLException {
        for (Role role : List.of(Role.APP, Role.KEYS, Role.OWNER)) {
            for (String table : seenBy(role)) {
                assertThat(count(role, table, null)).as("%s of %s", table, role).isZero();
                assertThat(count(role, table, "")).as("%s of %s", table, role).isZero();
            }
        }
    }

    @Test
    void withATenant_everyRoleSeesItsRowsOnly() throws SQLException {
        for (Role role : List.of(Role.APP, Role.KEYS, Role.OWNER)) {
            for (String table : seenBy(role)) {
                assertThat(count(role, table, mine.value().toString()))
                        .as("%s of %s", table, role)
                        .isPositive();
                assertThat(foreign(role, table)).as("%s of %s", table, role).isZero();
            }
        }
    }

    @Test
    void withAnotherTenant_aRowCannotBeReachedByItsId() throws SQLException {
        for (String table : tables) {
            Role role = KEY_TABLES.contains(table) ? Role.KEYS : Role.APP;
            try (var connection = connection(role, other.value().toString());
                    var statement = connection.prepareStatement(
                            "SELECT count(*) FROM sotto.%s WHERE %s = ?".formatted(table, tenantColumn(table)))) {
                statement.setObject(1, mine.value());
                try (var rows = statement.executeQuery()) {
                    rows.next();
                    assertThat(rows.getInt(1)).as(table).isZero();
                }
            }
        }
    }

    @Test
    void rowsOfAnotherTenant_cannotBeWrittenChangedOrDeleted() throws SQLException {
        assertThat(update(Role.APP, "UPDATE sotto.call SET mode = mode" + " WHERE tenant_id = ?"))
                .isNegative();
        assertThat(update(Role.APP, "UPDATE sotto.call SET turn_count = 99 WHERE tenant_id = ?"))
                .isZero();
        assertThat(update(Role.APP, "UPDATE sotto.slot SET taken_by = NULL WHERE tenant_id = ?"))
                .isZero();
        assertThat(update(Role.APP, "DELETE FROM sotto.staff_session WHERE tenant_id = ?"))
                .isZero();
        assertThat(update(Role.KEYS, "DELETE FROM sotto.erasable_key WHERE tenant_id = ?"))
                .isZero();
        assertThat(update(
                        Role.APP,
                        "INSERT INTO sotto.slot (tenant_id, id, starts_at, length_minutes, provider_sealed, version)"
                                + " VALUES (?, gen_random_uuid(), now(), 30, '\\x00', 1)"))
                .isNegative();
        assertThat(update(Role.KEYS, "INSERT INTO sotto.destroyed_key VALUES (?, 'subject', 'x', 'primary', 1, now())"))
                .isNegative();
    }

    @Test
    void app_cannotReadKeys_norChangeWhatWasSealed() {
        for (String table : KEY_TABLES) {
            assertThatExceptionOfType(SQLException.class)
                    .isThrownBy(() -> count(Role.APP, table, mine.value().toString()))
                    .satisfies(e -> assertThat(e.getSQLState()).isEqualTo("42501"));
        }
        for (String statement : List.of(
                "UPDATE sotto.subject SET name_sealed = '\\x00'",
                "UPDATE sotto.subject SET birth_phone_index = name_birth_index",
                "UPDATE sotto.staff_user SET email_key = id",
                "UPDATE sotto.call SET from_sealed = '\\x00'",
                "UPDATE sotto.call SET mode = 'open'",
                "UPDATE sotto.turn SET text_sealed = '\\x00'",
                "UPDATE sotto.call_insight SET content_sealed = '\\x00'",
                "UPDATE sotto.call_insight SET made_by = 'model'",
                "DELETE FROM sotto.wrap_up",
                "DELETE FROM sotto.turn",
                "DELETE FROM sotto.call",
                "UPDATE sotto.artifact SET call_id = id",
                "TRUNCATE sotto.turn",
                "CREATE TABLE sotto.mine (x int)",
                "CREATE TABLE public.mine (x int)",
                "SET ROLE sotto_owner",
                "SET ROLE sotto_lookup",
                "ALTER TABLE sotto.call DISABLE ROW LEVEL SECURITY")) {
            assertThatExceptionOfType(SQLException.class)
                    .as(statement)
                    .isThrownBy(() -> {
                        try (var connection = connection(Role.APP, mine.value().toString());
                                var run = connection.createStatement()) {
                            run.execute(statement);
                        }
                    })
                    .satisfies(e -> assertThat(e.getSQLState()).isEqualTo("42501"));
        }
    }

    @Test
    void others_seeNothingOfTheSchema() {
        for (Role role : List.of(Role.AUDIT, Role.READER)) {
            for (String table : tables) {
                assertThatExceptionOfType(SQLException.class)
                        .isThrownBy(() -> count(role, table, mine.value().toString()));
            }
        }
        for (String table : List.of("call", "subject", "turn")) {
            assertThatExceptionOfType(SQLException.class)
                    .isThrownBy(() -> count(Role.KEYS, table, mine.value().toString()));
        }
    }

    @Test
    void lookups_giveIdsOnly_andPinTheirSearchPath() throws SQLException {
        try (var connection = fixture.postgres.dataSource(Role.OWNER).getConnection()) {
            assertThat(strings(
                            connection,
                            "SELECT pg_get_function_result(p.oid) FROM pg_proc p"
                                    + " JOIN pg_namespace n ON n.oid = p.pronamespace WHERE n.nspname = 'sotto'"
                                    + " AND proname NOT IN ('require_fresh_key', 'reseal',"
                                    + " 'require_index_key', 'index_key_in_use', 'reindex')"))
                    .isNotEmpty()
                    .allMatch(result ->
                            result.matches("TABLE\\((tenant_id uuid)?(, (call_id|user_id|notice_id) uuid)?\\)"));
            assertThat(strings(
                            connection,
                            "SELECT proname FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace"
                                    + " WHERE n.nspname = 'sotto' AND NOT (prosecdef AND proconfig @>"
                                    + " ARRAY['search_path=pg_catalog, pg_temp']"
                                    + " AND pg_get_userbyid(proowner) = 'sotto_lookup')"))
                    .containsExactlyInAnyOrder(
                            "reseal", "reindex"); // changes rows, so row-level security must bind who owns it
            assertThat(strings(
                            connection,
                            "SELECT proname FROM pg_proc WHERE proname IN ('reseal', 'reindex') AND prosecdef AND proconfig @>"
                                    + " ARRAY['search_path=pg_catalog, pg_temp']"
                                    + " AND pg_get_userbyid(proowner) = 'sotto_owner'"))
                    .containsExactlyInAnyOrder("reseal", "reindex");
        }
        assertThatExceptionOfType(SQLException.class).isThrownBy(() -> {
            try (var connection = connection(Role.READER, null);
                    var run = connection.createStatement()) {
                run.execute("SELECT * FROM sotto.tenants()");
            }
        });
    }

    /// Every table with sealed columns must have the trigger, for all of them.
    @Test
    void everySealedColumn_isKeptFromExposedKeys() throws SQLException {
        try (var connection = fixture.postgres.dataSource(Role.OWNER).getConnection()) {
            List<String> guarded = strings(
                    connection,
                    "SELECT c.relname || ' ' || translate(encode(t.tgargs, 'escape'), '\\', ' ')"
                            + " FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid WHERE t.tgname = 'fresh_key'");
            for (String column : strings(
                    connection,
                    "SELECT table_name || ' ' || column_name FROM information_schema.columns"
                            + " WHERE table_schema = 'sotto' AND column_name LIKE '%\\_sealed'")) {
                String[] names = column.split(" ", 2);
                assertThat(guarded)
                        .as(column)
                        .anyMatch(trigger -> trigger.startsWith(names[0] + " ") && trigger.contains(names[1]));
            }
        }
    }

    @Test
    void tenantOfAConnection_isForgottenWithItsTransaction() throws SQLException {
        try (var connection = fixture.postgres.dataSource(Role.APP).getConnection()) {
            connection.setAutoCommit(false);
            name(connection, mine.value().toString());
            assertThat(strings(connection, "SELECT id::text FROM sotto.call")).isNotEmpty();
            connection.commit();
            assertThat(strings(connection, "SELECT id::text FROM sotto.call")).isEmpty();
            connection.rollback();
        }
    }

    @Test
    void tenantThatIsNoId_isAnErrorAndNotAllRows() {
        assertThatExceptionOfType(SQLException.class).isThrownBy(() -> count(Role.APP, "call", "' OR true --"));
    }

    private static List<String> seenBy(Role role) {
        return switch (role) {
            case OWNER -> tables;
            case KEYS -> List.copyOf(KEY_TABLES);
            case APP ->
                tables.stream().filter(table -> !KEY_TABLES.contains(table)).toList();
            case AUDIT, READER -> List.of();
        };
    }

    private static String tenantColumn(String table) {
        return table.equals("tenant") ? "id" : "tenant_id";
    }

    private static int count(Role role, String table, String tenant) throws SQLException {
        try (var connection = connection(role, tenant)) {
            return Integer.parseInt(strings(connection, "SELECT count(*)::text FROM sotto." + table)
                    .getFirst());
        }
    }

    private static int foreign(Role role, String table) throws SQLException {
        try (var connection = connection(role, mine.value().toString())) {
            return Integer.parseInt(strings(
                            connection,
                            "SELECT count(*)::text FROM sotto.%s WHERE %s <> '%s'"
                                    .formatted(table, tenantColumn(table), mine.value()))
                    .getFirst());
        }
    }

    /// Runs a statement on `mine`'s rows as another tenant. -1 if the database refused it outright.
    private static int update(Role role, String text) throws SQLException {
        try (var connection = connection(role, other.value().toString());
                var statement = connection.prepareStatement(text)) {
            statement.setObject(1, mine.value());
            return statement.executeUpdate();
        } catch (SQLException e) {
            assertThat(e.getSQLState()).isEqualTo("42501");
            return -1;
        }
    }

    /// A connection in a transaction that is rolled back when the connection goes back to its pool.
    private static Connection connection(Role role, String tenant) throws SQLException {
        var connection = fixture.postgres.dataSource(role).getConnection();
        connection.setAutoCommit(false);
        if (tenant != null) {
            try {
                name(connection, tenant);
            } catch (SQLException e) {
                connection.close();
                throw e;
            }
        }
        return connection;
    }

    private static void name(Connection connection, String tenant) throws SQLException {
        try (var statement = connection.prepareStatement("SELECT set_config('app.tenant', ?, true)")) {
            statement.setString(1, tenant);
            statement.execute();
        }
    }

    private static List<String> strings(Connection connection, String query) throws SQLException {
        try (var statement = connection.createStatement();
                var rows = statement.executeQuery(query)) {
            var list = new ArrayList<String>();
            while (rows.next()) {
                list.add(rows.getString(1));
            }
            return list;
        }
    }
}
