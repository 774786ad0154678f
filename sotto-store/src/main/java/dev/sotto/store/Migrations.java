package dev.sotto.store;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.sotto.core.IntegrityException;
import dev.sotto.core.UnavailableException;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.Reader;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.zip.CRC32;
import javax.sql.DataSource;
import org.flywaydb.core.Flyway;
import org.flywaydb.core.api.FlywayException;
import org.flywaydb.core.api.ResourceProvider;
import org.flywaydb.core.api.configuration.FluentConfiguration;
import org.flywaydb.core.api.exception.FlywayValidateException;
import org.flywaydb.core.api.resource.LoadableResource;
import org.jspecify.annotations.Nullable;

/// The schema `sotto`, version by version. The list of migrations is written out, so that nothing scans the class path
/// and nothing found there by chance is run.
final class Migrations {
    static final String SCHEMA = "sotto";
    private static final String TABLE = "migration";
    private static final String FOLDER = "migration/";
    private static final List<String> SCRIPTS = List.of(
            "V1__tenants_and_calls.sql",
            "V2__keys.sql",
            "V3__row_level_security.sql",
            "V4__notices.sql",
            "V5__text_calls.sql",
            "V6__wrap_up.sql",
            "V7__served.sql",
            "V8__life_of_keys.sql",
            "V9__sealed_anew.sql",
            "V10__index_keys.sql");

    private Migrations() {}

    static void run(DataSource owner) {
        if (isCurrent(owner)) {
            return;
        }
        try {
            flyway(owner).load().migrate();
        } catch (FlywayValidateException e) {
            throw new IntegrityException(
                    StoreError.SCHEMA_UNKNOWN, "the schema was changed by hand or by a newer version", e);
        } catch (FlywayException e) {
            throw new UnavailableException(
                    StoreError.DATABASE_UNAVAILABLE, "the schema cannot be brought up to date", e);
        }
    }

    static FluentConfiguration flyway(DataSource owner) {
        return Flyway.configure()
                .dataSource(owner)
                .schemas(SCHEMA)
                .defaultSchema(SCHEMA)
                .createSchemas(true)
                .table(TABLE)
                .resourceProvider(new Scripts())
                .javaMigrationClassProvider(List::of)
                .cleanDisabled(true)
                .validateMigrationNaming(true)
                .ignoreMigrationPatterns(new String[0])
                .connectRetries(0);
    }

    /// Whether exactly our scripts have run, so that a warm start need not load Flyway, which takes longer than the
    /// question. Anything else, a fault included, is for Flyway to judge.
    static boolean isCurrent(DataSource owner) {
        try (var connection = owner.getConnection();
                var statement = connection.createStatement();
                var rows = statement.executeQuery("SELECT script, checksum FROM " + SCHEMA + "." + TABLE
                        + " WHERE success AND version IS NOT NULL ORDER BY installed_rank")) {
            var applied = new ArrayList<String>();
            while (rows.next()) {
                applied.add(rows.getString("script") + " " + rows.getInt("checksum"));
            }
            return applied.equals(SCRIPTS.stream()
                    .map(script -> script + " " + checksum(script))
                    .toList());
        } catch (SQLException notThereYet) {
            return false;
        }
    }

    /// CRC-32 of the lines without their ends, as Flyway keeps it.
    private static int checksum(String script) {
        var crc = new CRC32();
        try (var reader = new BufferedReader(new Script(script).read())) {
            String line = reader.readLine();
            while (line != null) {
                crc.update(line.getBytes(UTF_8));
                line = reader.readLine();
            }
        } catch (IOException e) {
            throw new IllegalStateException("a migration cannot be read", e);
        }
        return (int) crc.getValue();
    }

    private static final class Scripts implements ResourceProvider {
        @Override
        public @Nullable LoadableResource getResource(String name) {
            return SCRIPTS.contains(name) ? new Script(name) : null;
        }

        @Override
        public Collection<LoadableResource> getResources(String prefix, String[] suffixes) {
            return SCRIPTS.stream()
                    .filter(script -> script.startsWith(prefix))
                    .map(script -> (LoadableResource) new Script(script))
                    .toList();
        }
    }

    private static final class Script extends LoadableResource {
        private final String name;

        Script(String name) {
            this.name = name;
        }

        @Override
        public Reader read() {
            var in = Migrations.class.getResourceAsStream(FOLDER + name);
            if (in == null) {
                throw new FlywayException("no migration has the name " + name);
            }
            return new InputStreamReader(in, UTF_8);
        }

        @Override
        public String getAbsolutePath() {
            return FOLDER + name;
        }

        @Override
        public String getAbsolutePathOnDisk() {
            return FOLDER + name;
        }

        @Override
        public String getFilename() {
            return name;
        }

        @Override
        public String getRelativePath() {
            return name;
        }
    }
}
