package dev.sotto.store;

import static dev.sotto.store.StoreFixture.USER;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.sotto.core.CallId;
import dev.sotto.core.IntegrityException;
import dev.sotto.core.SensitiveText;
import dev.sotto.core.SubjectId;
import dev.sotto.core.TenantId;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.time.LocalDate;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Sealed bytes that somebody with the database moved or changed.
final class SealedRowsTest {
    private static final Acting ACTING = Acting.as(USER);

    @TempDir
    static Path objects;

    private StoreFixture fixture;
    private TenantId tenant;
    private SubjectId maria;
    private SubjectId other;

    @BeforeEach
    void open() {
        fixture = new StoreFixture(TestPostgres.shared(), objects);
        tenant = fixture.tenant().id();
        maria = fixture.subject(tenant);
        other = fixture.store
                .subjects()
                .create(
                        tenant,
                        new NewSubject(
                                SensitiveText.of("Peter Novak"),
                                LocalDate.of(1950, 1, 2),
                                SensitiveText.of("+14155550000")),
                        ACTING);
    }

    @AfterEach
    void close() {
        fixture.close();
    }

    private byte[] sealed(TenantId of, String query, Object... parameters) {
        try (var connection = fixture.postgres.dataSource(Role.OWNER).getConnection()) {
            connection.setAutoCommit(false);
            var sql = new Sql(connection);
            sql.run("SELECT set_config('app.tenant', ?, true)", of.value().toString());
            byte[] bytes =
                    sql.first(row -> row.bytes("sealed"), query, parameters).orElseThrow();
            connection.rollback();
            return bytes;
        } catch (SQLException e) {
            throw new AssertionError(e);
        }
    }

    private byte[] name(TenantId of, SubjectId subject) {
        return sealed(of, "SELECT name_sealed AS sealed FROM sotto.subject WHERE id = ?", subject.value());
    }

    private void put(SubjectId subject, String column, byte[] bytes) {
        assertThat(fixture.tamper(
                        tenant, "UPDATE sotto.subject SET " + column + " = ? WHERE id = ?", bytes, subject.value()))
                .isEqualTo(1);
    }

    private static void refuses(ThrowingCallable act) {
        assertThatExceptionOfType(IntegrityException.class)
                .isThrownBy(act)
                .withMessageNotContaining("Maria")
                .satisfies(e -> assertThat(e.getMessage()).isNotBlank());
    }

    @Test
    void field_movedToAnotherRow_doesNotOpen() {
        put(other, "name_sealed", name(tenant, maria));

        refuses(() -> fixture.store.subjects().find(tenant, other, ACTING));
        assertThat(fixture.store.subjects().find(tenant, maria, ACTING)).isPresent();
    }

    @Test
    void field_movedToAnotherField_doesNotOpen() {
        put(maria, "phone_sealed", name(tenant, maria));

        refuses(() -> fixture.store.subjects().find(tenant, maria, ACTING));
    }

    @Test
    void field_movedToAnotherTenant_doesNotOpen() {
        var stranger = fixture.tenant().id();
        var theirs = fixture.subject(stranger);
        put(maria, "name_sealed", name(stranger, theirs));

        refuses(() -> fixture.store.subjects().find(tenant, maria, ACTING));
    }

    @Test
    void row_movedToAnotherTenantWhole_doesNotOpen() {
        var stranger = fixture.tenant().id();
        fixture.subject(stranger);
        byte[] name = name(tenant, maria);
        byte[] birth =
                sealed(tenant, "SELECT birth_date_sealed AS sealed FROM sotto.subject WHERE id = ?", maria.value());
        byte[] phone = sealed(tenant, "SELECT phone_sealed AS sealed FROM sotto.subject WHERE id = ?", maria.value());
        fixture.tamper(
                stranger,
                "INSERT INTO sotto.subject (tenant_id, id, name_sealed, birth_date_sealed, phone_sealed,"
                        + " birth_phone_index, name_birth_index, version, created_at)"
                        + " VALUES (?, ?, ?, ?, ?, ?, ?, 1, now())",
                stranger.value(),
                maria.value(),
                name,
                birth,
                phone,
                new byte[16],
                new byte[16]);

        refuses(() -> fixture.store.subjects().find(stranger, maria, ACTING));
    }

    @Test
    void row_withAnotherVersion_doesNotOpen() {
        fixture.tamper(tenant, "UPDATE sotto.subject SET version = 2 WHERE id = ?", maria.value());

        refuses(() -> fixture.store.subjects().find(tenant, maria, ACTING));
    }

    @Test
    void field_withAnyByteFlippedOrCut_doesNotOpen() {
        byte[] name = name(tenant, maria);
        for (int at = 0; at < name.length; at += 7) {
            byte[] flipped = name.clone();
            flipped[at] ^= 1;
            put(maria, "name_sealed", flipped);
            refuses(() -> fixture.store.subjects().find(tenant, maria, ACTING));
        }
        for (int length : new int[] {0, 1, 17, name.length - 1}) {
            put(maria, "name_sealed", java.util.Arrays.copyOf(name, length));
            refuses(() -> fixture.store.subjects().find(tenant, maria, ACTING));
        }
        put(maria, "name_sealed", name);
        assertThat(fixture.store.subjects().find(tenant, maria, ACTING)).isPresent();
    }

    @Test
    void turn_movedToAnotherCall_doesNotOpen() {
        CallId first = fixture.connected(tenant);
        CallId second = fixture.connected(tenant);
        fixture.store
                .turns()
                .append(
                        tenant,
                        first,
                        new NewTurn(
                                fixture.ids.turnId(),
                                Speaker.CALLER,
                                TurnKind.KEYPAD,
                                Duration.ZERO,
                                Duration.ZERO,
                                TurnText.clear("pressed 1")));
        fixture.tamper(tenant, "UPDATE sotto.turn SET call_id = ? WHERE call_id = ?", second.value(), first.value());

        refuses(() -> fixture.store.turns().list(tenant, second, USER));
    }

    @Test
    void callersNumber_movedToAnotherCall_doesNotOpen() {
        CallId first = fixture.connected(tenant);
        CallId second = fixture.connected(tenant);
        byte[] from = sealed(tenant, "SELECT from_sealed AS sealed FROM sotto.call WHERE id = ?", first.value());
        fixture.tamper(tenant, "UPDATE sotto.call SET from_sealed = ? WHERE id = ?", from, second.value());

        refuses(() -> fixture.store.calls().revealFrom(tenant, second, USER));
    }
}
