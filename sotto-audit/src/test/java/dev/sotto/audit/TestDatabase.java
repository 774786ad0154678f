package dev.sotto.audit;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import javax.sql.DataSource;

/// A migrated database of its own on a real Postgres that keeps what it acknowledges.
final class TestDatabase implements AutoCloseable {
    static final String SEQUENCER = "audit_sequencer";
    static final String READER = "audit_reader";
    private static final String CRASH = "crash";
    private static final AtomicInteger NUMBERS = new AtomicInteger();
    private static final Queue<String> FREE = new ConcurrentLinkedQueue<>();

    private final EmbeddedPostgres server;
    private final String name;
    private final List<HikariDataSource> pools = new ArrayList<>();

    private TestDatabase(EmbeddedPostgres server, String name) {
        this.server = server;
        this.name = name;
    }

    /// An empty one on the server that all tests share. Few databases are made and used again: each costs a
    /// second when the server stops.
    static TestDatabase create() {
        String free = FREE.poll();
        if (free != null) {
            TestDatabase again = new TestDatabase(Shared.SERVER, free);
            again.clear();
            return again;
        }
        String name = "log_" + NUMBERS.incrementAndGet();
        execute(Shared.SERVER.getPostgresDatabase(), "create database " + name + " template template_audit");
        return new TestDatabase(Shared.SERVER, name);
    }

    private void clear() {
        execute(
                owner(),
                "set session_replication_role = replica;"
                        + " truncate audit.log, audit.entry, audit.tile, audit.checkpoint");
    }

    /// On a server that the test may kill. Already migrated if `prepared`.
    static TestDatabase on(EmbeddedPostgres server, boolean prepared) {
        if (!prepared) {
            prepare(server, CRASH);
        }
        return new TestDatabase(server, CRASH);
    }

    static EmbeddedPostgres.Builder durable() {
        return EmbeddedPostgres.builder()
                .setServerConfig("fsync", "on")
                .setServerConfig("synchronous_commit", "on")
                .setServerConfig("full_page_writes", "on");
    }

    private static void prepare(EmbeddedPostgres server, String name) {
        execute(server.getPostgresDatabase(), "create role " + SEQUENCER + " login");
        execute(server.getPostgresDatabase(), "create role " + READER + " login");
        execute(server.getPostgresDatabase(), "create database " + name);
        AuditSchema.migrate(server.getDatabase("postgres", name), SEQUENCER, READER);
    }

    DataSource owner() {
        return server.getDatabase("postgres", name);
    }

    DataSource sequencer() {
        return pool(SEQUENCER);
    }

    DataSource reader() {
        return pool(READER);
    }

    private DataSource pool(String role) {
        HikariConfig config = new HikariConfig();
        config.setDataSource(server.getDatabase(role, name));
        config.setMaximumPoolSize(6);
        config.setMinimumIdle(0);
        config.setConnectionTimeout(1000);
        config.setInitializationFailTimeout(-1);
        HikariDataSource pool = new HikariDataSource(config);
        pools.add(pool);
        return pool;
    }

    /// What somebody with every right on the database can do: change rows past all triggers.
    void tamper(String sql, Object... parameters) {
        try (Connection connection = owner().getConnection()) {
            try (Statement statement = connection.createStatement()) {
                statement.execute("set session_replication_role = replica");
            }
            try (PreparedStatement statement = connection.prepareStatement(sql)) {
                for (int i = 0; i < parameters.length; i++) {
                    statement.setObject(i + 1, parameters[i]);
                }
                if (statement.executeUpdate() == 0) {
                    throw new IllegalStateException("nothing was tampered with");
                }
            }
        } catch (SQLException failure) {
            throw new IllegalStateException(failure);
        }
    }

    long number(String sql) {
        try (Connection connection = owner().getConnection();
                Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(sql)) {
            rows.next();
            return rows.getLong(1);
        } catch (SQLException failure) {
            throw new IllegalStateException(failure);
        }
    }

    static void execute(DataSource database, String sql) {
        try (Connection connection = database.getConnection();
                Statement statement = connection.createStatement()) {
            statement.execute(sql);
        } catch (SQLException failure) {
            throw new IllegalStateException(failure);
        }
    }

    @Override
    public void close() {
        pools.forEach(HikariDataSource::close);
        if (!name.equals(CRASH)) {
            FREE.add(name);
        }
    }

    /// Started once, stopped with the JVM.
    private static final class Shared {
        static final EmbeddedPostgres SERVER = start();

        private static EmbeddedPostgres start() {
            try {
                EmbeddedPostgres server = durable().start();
                prepare(server, "template_audit");
                return server;
            } catch (IOException failure) {
                throw new UncheckedIOException(failure);
            }
        }
    }
}
