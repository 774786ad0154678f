package dev.sotto.store;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.util.EnumMap;
import java.util.Map;
import java.util.Properties;
import javax.sql.DataSource;

/// Bounded pools, one a role. Every wait has an end: for a connection, for a statement, for a lock.
final class PostgresPools implements AutoCloseable {
    private static final String DRIVER = "org.postgresql.Driver";
    private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(2);
    private static final Duration LOGIN_TIMEOUT = Duration.ofSeconds(10);
    private static final Duration POOL_TIMEOUT = Duration.ofSeconds(4);
    private static final Duration OWNER_TIMEOUT = Duration.ofSeconds(20);
    private static final Duration STATEMENT_TIMEOUT = Duration.ofSeconds(10);
    private static final Duration MIGRATION_TIMEOUT = Duration.ofMinutes(2);
    private static final Duration LOCK_TIMEOUT = Duration.ofSeconds(5);

    private final PostgresConfig config;
    private final int port;
    private final Map<Role, HikariDataSource> pools = new EnumMap<>(Role.class);

    PostgresPools(PostgresConfig config, int port) {
        this.config = config;
        this.port = port;
    }

    synchronized DataSource pool(Role role) {
        return pools.computeIfAbsent(role, this::open);
    }

    /// One connection outside any pool, for a health check.
    Connection single(Role role, Duration loginTimeout) throws SQLException {
        var properties = properties(role);
        properties.setProperty("loginTimeout", seconds(loginTimeout));
        properties.setProperty("user", role.roleName());
        properties.setProperty("password", config.password(role).reveal());
        try {
            Class.forName(DRIVER); // registers itself
        } catch (ClassNotFoundException e) {
            throw new IllegalStateException("the database driver is not on the class path", e);
        }
        return DriverManager.getConnection(url(), properties);
    }

    private String url() {
        return "jdbc:postgresql://localhost:%d/%s".formatted(port, PostgresCluster.DATABASE);
    }

    private Properties properties(Role role) {
        Duration statement = role == Role.OWNER ? MIGRATION_TIMEOUT : STATEMENT_TIMEOUT;
        var properties = new Properties();
        properties.setProperty("sslmode", "verify-full");
        properties.setProperty("sslrootcert", config.authority().toString());
        properties.setProperty("channelBinding", "require");
        properties.setProperty("gssEncMode", "disable");
        properties.setProperty("ApplicationName", role.roleName());
        properties.setProperty("connectTimeout", seconds(CONNECT_TIMEOUT));
        properties.setProperty("loginTimeout", seconds(LOGIN_TIMEOUT));
        properties.setProperty("socketTimeout", seconds(statement.plusSeconds(5)));
        properties.setProperty("tcpKeepAlive", "true");
        properties.setProperty("logServerErrorDetail", "false"); // the detail may quote values of rows
        properties.setProperty(
                "options",
                "-c statement_timeout=%d -c lock_timeout=%d".formatted(statement.toMillis(), LOCK_TIMEOUT.toMillis()));
        return properties;
    }

    private static String seconds(Duration duration) {
        return Long.toString(duration.toSeconds());
    }

    private HikariDataSource open(Role role) {
        var hikari = new HikariConfig();
        hikari.setPoolName(role.roleName());
        hikari.setDriverClassName(DRIVER);
        hikari.setJdbcUrl(url());
        hikari.setUsername(role.roleName());
        hikari.setPassword(config.password(role).reveal());
        hikari.setDataSourceProperties(properties(role));
        hikari.setMaximumPoolSize(role.connections());
        hikari.setMinimumIdle(1);
        hikari.setConnectionTimeout((role == Role.OWNER ? OWNER_TIMEOUT : POOL_TIMEOUT).toMillis());
        hikari.setValidationTimeout(Duration.ofSeconds(1).toMillis());
        hikari.setInitializationFailTimeout(-1);
        hikari.setIdleTimeout(Duration.ofMinutes(2).toMillis());
        hikari.setMaxLifetime(Duration.ofMinutes(30).toMillis());
        return new HikariDataSource(hikari);
    }

    /// Drops the connections to a server that is gone.
    synchronized void evict() {
        for (var pool : pools.values()) {
            var bean = pool.getHikariPoolMXBean();
            if (bean != null) {
                bean.softEvictConnections();
            }
        }
    }

    @Override
    public synchronized void close() {
        pools.values().forEach(HikariDataSource::close);
        pools.clear();
    }
}
