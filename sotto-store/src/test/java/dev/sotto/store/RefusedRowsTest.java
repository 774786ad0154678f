package dev.sotto.store;

import static dev.sotto.store.StoreFixture.USER;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sotto.core.CallId;
import dev.sotto.core.TenantId;
import dev.sotto.core.TurnId;
import dev.sotto.keys.KeyLevel;
import dev.sotto.keys.KeyState;
import dev.sotto.keys.KeyStatus;
import dev.sotto.store.ExposedRows.Step;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Rows that do not open when they are to be sealed anew.
final class RefusedRowsTest {
    @TempDir
    Path objects;

    private StoreFixture fixture;
    private TenantId tenant;
    private CallId call;

    @BeforeEach
    void open() {
        fixture = new StoreFixture(TestPostgres.shared(), objects);
        tenant = fixture.tenant().id();
        call = fixture.connected(tenant);
        turn("pressed 1");
        turn("pressed 2");
    }

    @AfterEach
    void close() {
        fixture.close();
    }

    private void turn(String words) {
        fixture.store
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

    private KeyStatus transcriptKey(KeyState state) {
        return fixture.keys.list(Optional.of(tenant)).stream()
                .filter(key -> key.level() == KeyLevel.CLASS && key.name().equals("transcript") && key.state() == state)
                .findFirst()
                .orElseThrow();
    }

    private void compromise() {
        fixture.keys
                .lifecycle()
                .compromised(tenant, transcriptKey(KeyState.ACTIVE).id(), USER);
    }

    private long exposed() {
        return transcriptKey(KeyState.COMPROMISED).recordKeys();
    }

    private Step step(int limit) {
        return fixture.store
                .exposedRows()
                .reseal(tenant, transcriptKey(KeyState.COMPROMISED).id(), limit);
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
    void rows_thatWereSwapped_areRefused_andKeepTheirKey() {
        var names = query("SELECT text_sealed AS found FROM sotto.turn", row -> row.bytes("found"));
        fixture.tamper(
                tenant, "UPDATE sotto.turn SET text_sealed = ? WHERE text_sealed = ?", names.get(1), names.get(0));
        compromise();

        assertThat(step(100)).isEqualTo(new Step(1, 0, 1, 1));
        assertThat(step(100)).isEqualTo(new Step(0, 0, 1, 0));

        assertThat(exposed()).isEqualTo(1);
        assertThat(fixture.meter.counted("keys.exposed.refused")).isEqualTo(2);
    }

    /// One call has more altered rows than a step takes; the rows of another, behind it or before it, are all sealed
    /// anew in as many steps as there are acts, and the exposed keys of that call are gone.
    @Test
    void rowsThatDoNotOpen_holdUpNoneBehindThem() {
        for (int i = 0; i < 30; i++) {
            turn("altered " + i);
        }
        var altered = call;
        fixture.tamper(
                tenant, "UPDATE sotto.turn SET text_sealed = set_byte(text_sealed, 40, get_byte(text_sealed, 40) # 1)");
        call = fixture.connected(tenant);
        for (int i = 0; i < 12; i++) {
            turn("fine " + i);
        }
        compromise();

        var total = 0;
        var refused = 0;
        for (int i = 0; i < 20; i++) {
            var step = step(7);
            assertThat(step.resealed() + step.destroyed() + step.refused()).isLessThanOrEqualTo(7);
            total += step.resealed();
            refused += step.newlyRefused();
        }

        assertThat(total).isEqualTo(12);
        assertThat(refused).isEqualTo(32); // each is told once, however often it is tried
        assertThat(fixture.store.turns().list(tenant, call, USER)).hasSize(12);
        assertThat(exposed()).isEqualTo(1); // that of the altered rows
        assertThat(fixture.store.exposedRows().refused())
                .hasSize(32)
                .allMatch(row -> row.record().equals("turn") && row.tenant().equals(tenant))
                .extracting(ExposedRows.Refused::id)
                .containsExactlyInAnyOrderElementsOf(query(
                        "SELECT id FROM sotto.turn WHERE call_id = '%s'".formatted(altered.value()),
                        row -> new TurnId(row.id("id")).toString()));
        assertThat(fixture.meter.counted("keys.exposed.refused")).isGreaterThan(32);

        fixture.tamper(
                tenant,
                "UPDATE sotto.turn SET text_sealed = set_byte(text_sealed, 40, get_byte(text_sealed, 40) # 1)"
                        + " WHERE version = 1");
        for (int i = 0; i < 20; i++) {
            step(7);
        }

        assertThat(fixture.store.exposedRows().refused()).isEmpty();
        assertThat(exposed()).isZero();
        assertThat(fixture.store.turns().list(tenant, altered, USER)).hasSize(32);
    }

    @Test
    void refusedRows_areListedUpToABound_andForgottenWithTheirClassKey() {
        var rows = new RefusedRows();
        var first = new UUID(0, 1);
        for (int i = 0; i < RefusedRows.MAX; i++) {
            assertThat(rows.note(new ExposedRows.Refused(tenant, first, "turn", "" + i)))
                    .isTrue();
        }
        assertThat(rows.note(new ExposedRows.Refused(tenant, first, "turn", "one more")))
                .isFalse();
        assertThat(rows.list()).hasSize(RefusedRows.MAX);

        rows.endPass(first);
        assertThat(rows.list()).hasSize(RefusedRows.MAX);
        assertThat(rows.note(new ExposedRows.Refused(tenant, first, "turn", "7")))
                .isFalse();
        rows.endPass(first);
        assertThat(rows.list()).hasSize(1);
        rows.retain(Set.of(new UUID(0, 2)));
        assertThat(rows.list()).isEmpty();
    }
}
