package dev.sotto.store;

import javax.sql.DataSource;

/// A PostgreSQL server of our own, kept in one directory: durable, TLS 1.3 and SCRAM only, on 127.0.0.1. Restarts its
/// server if it dies. Thread-safe.
public final class PostgresNode implements AutoCloseable {
    private PostgresNode() {}

    /// Starts the server, making its directory at the first start. Blocks until it answers.
    ///
    /// @throws dev.sotto.core.ConflictException if another node has the directory open
    /// @throws dev.sotto.core.UnavailableException if the server did not start
    public static PostgresNode start(PostgresConfig config) {
        return Unfinished.value(config.toString());
    }

    /// A bounded pool of connections as `role`, closed with the node.
    public DataSource dataSource(Role role) {
        return Unfinished.value(role.toString());
    }

    /// Whether the server answers now. Does not block for more than a second.
    public boolean alive() {
        return Unfinished.value();
    }

    /// The port on 127.0.0.1.
    public int port() {
        return Unfinished.value();
    }

    /// Stops the server after a checkpoint. Open transactions are rolled back.
    @Override
    public void close() {}
}
