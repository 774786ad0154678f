package dev.sotto.audit;

import dev.sotto.core.UnavailableException;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.regex.Pattern;
import javax.sql.DataSource;
import org.flywaydb.core.Flyway;
import org.flywaydb.core.api.FlywayException;

/// The tables of the audit log: schema `audit`, with a migration history of its own.
public final class AuditSchema {
    private static final String SCHEMA = "audit";
    private static final Pattern ROLE = Pattern.compile("[a-z_][a-z0-9_]{0,62}");

    private AuditSchema() {}

    /// Creates or updates the tables as `owner`, and lets `sequencerRole` append and `readerRole` read. Both
    /// roles must exist. Nobody is given the right to change or remove a row, and triggers refuse it to the
    /// owner too.
    ///
    /// @throws UnavailableException if the database does not do it; a retry is safe
    public static void migrate(DataSource owner, String sequencerRole, String readerRole) {
        requireRole("sequencerRole", sequencerRole);
        requireRole("readerRole", readerRole);
        try {
            Flyway.configure(AuditSchema.class.getClassLoader())
                    .dataSource(owner)
                    .schemas(SCHEMA)
                    .createSchemas(true)
                    .locations("classpath:dev/sotto/audit/migration")
                    .load()
                    .migrate();
            grant(owner, sequencerRole, readerRole);
        } catch (FlywayException | SQLException failure) {
            throw new UnavailableException(AuditError.AUDIT_DATABASE, "audit schema cannot be migrated", failure);
        }
    }

    private static void grant(DataSource owner, String sequencer, String reader) throws SQLException {
        List<String> grants = List.of(
                "revoke all on all tables in schema audit from public",
                "grant usage on schema audit to " + sequencer + ", " + reader,
                "grant select on audit.log, audit.entry, audit.tile, audit.checkpoint to " + sequencer + ", " + reader,
                "grant insert on audit.log, audit.entry, audit.tile, audit.checkpoint to " + sequencer,
                "grant update (epoch, holder, size, root) on audit.log to " + sequencer);
        try (Connection connection = owner.getConnection();
                Statement statement = connection.createStatement()) {
            connection.setAutoCommit(true);
            for (String grant : grants) {
                statement.execute(grant);
            }
        }
    }

    private static void requireRole(String name, String role) {
        if (!ROLE.matcher(role).matches()) {
            throw new IllegalArgumentException("%s (%s) must be a lower-case identifier".formatted(name, role));
        }
    }
}
