package dev.sotto.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.sotto.core.IntegrityException;
import java.nio.file.Path;
import java.sql.SQLException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class MigrationsTest {
    @TempDir
    Path folder;

    private PostgresNode postgres;

    @BeforeEach
    void start() {
        postgres = PostgresNode.start(TestPostgres.config(folder));
        Store.migrate(postgres.dataSource(Role.OWNER));
    }

    @AfterEach
    void stop() {
        postgres.close();
    }

    @Test
    void migrate_again_changesNothing_andSeesThatItNeedNot() throws SQLException {
        assertThat(Migrations.isCurrent(postgres.dataSource(Role.OWNER))).isTrue();

        Store.migrate(postgres.dataSource(Role.OWNER));

        assertThat(Migrations.isCurrent(postgres.dataSource(Role.OWNER))).isTrue();
    }

    @Test
    void migrate_whenAScriptIsNotWhatRan_isRefused() throws SQLException {
        try (var connection = postgres.dataSource(Role.OWNER).getConnection();
                var statement = connection.createStatement()) {
            statement.execute("UPDATE sotto.migration SET checksum = checksum + 1 WHERE version = '2'");
        }

        assertThat(Migrations.isCurrent(postgres.dataSource(Role.OWNER))).isFalse();
        assertThatExceptionOfType(IntegrityException.class)
                .isThrownBy(() -> Store.migrate(postgres.dataSource(Role.OWNER)))
                .satisfies(e -> assertThat(e.code()).isEqualTo(StoreError.SCHEMA_UNKNOWN));
    }
}
