package dev.sotto.audit;

import dev.sotto.core.RejectedException;
import dev.sotto.core.UnavailableException;
import java.math.BigDecimal;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Optional;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;

/// Reads a log from one snapshot of its database, holding a few rows at a time.
final class DatabaseReader implements LogReader {
    private static final int FETCH = 512;
    private static final BigDecimal LARGEST = BigDecimal.valueOf(Long.MAX_VALUE - 1);
    private static final String UNDEFINED_TABLE = "42P01";
    private static final String UNDEFINED_SCHEMA = "3F000";

    private final Connection connection;
    private final String logId;
    private final String origin;
    private final long size;
    private final Bytes root;
    private final Cursor entries;
    private final Cursor tiles;
    private final Cursor notes;
    private boolean ended;

    private DatabaseReader(Connection connection, Row log) throws SQLException {
        this.connection = connection;
        this.logId = log.logId();
        this.origin = log.origin();
        this.size = log.size();
        this.root = log.root();
        this.tiles = new Cursor(
                "select (index + 1) * (256::numeric ^ (level + 1)), level, index, hashes, root from audit.tile"
                        + " where log_id = ? order by 1, level, index");
        this.notes =
                new Cursor("select size, number, note from audit.checkpoint where log_id = ? order by size, number");
        this.entries = new Cursor(
                "select %s from audit.entry where log_id = ? order by sequence".formatted(LogReads.ENTRY_COLUMNS));
    }

    private record Row(String logId, String origin, long size, Bytes root) {}

    /// Opens a log.
    ///
    /// @param logId which log; null if there is only one
    /// @return empty if the database has no such log
    /// @throws RejectedException if the database has no audit log at all, or several and none was named
    static Optional<DatabaseReader> open(DataSource database, @Nullable String logId) {
        Connection connection = null;
        try {
            connection = database.getConnection();
            connection.setAutoCommit(false);
            connection.setReadOnly(true);
            connection.setTransactionIsolation(Connection.TRANSACTION_REPEATABLE_READ);
            Optional<Row> row = find(connection, logId);
            if (row.isEmpty()) {
                end(connection);
                return Optional.empty();
            }
            return Optional.of(new DatabaseReader(connection, row.get()));
        } catch (SQLException failure) {
            end(connection);
            if (UNDEFINED_TABLE.equals(failure.getSQLState()) || UNDEFINED_SCHEMA.equals(failure.getSQLState())) {
                throw new RejectedException(AuditError.AUDIT_SOURCE, "database has no audit log", failure);
            }
            throw LogReads.unreadable(failure);
        } catch (RejectedException several) {
            end(connection);
            throw several;
        }
    }

    private static Optional<Row> find(Connection connection, @Nullable String logId) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(
                "select log_id, origin, size, root from audit.log where log_id = coalesce(?, log_id)")) {
            statement.setString(1, logId);
            try (ResultSet rows = statement.executeQuery()) {
                if (!rows.next()) {
                    return Optional.empty();
                }
                Row row =
                        new Row(rows.getString(1), rows.getString(2), rows.getLong(3), Bytes.owning(rows.getBytes(4)));
                if (rows.next()) {
                    throw new RejectedException(
                            AuditError.AUDIT_SOURCE, "database has several audit logs: name the log id of one");
                }
                return Optional.of(row);
            }
        }
    }

    /// How many entries the newest checkpoint covers.
    ///
    /// @throws RejectedException if there is none
    long signedSize() {
        try (PreparedStatement statement =
                connection.prepareStatement("select max(size) from audit.checkpoint where log_id = ?")) {
            statement.setString(1, logId);
            try (ResultSet rows = statement.executeQuery()) {
                rows.next();
                long newest = rows.getLong(1);
                if (rows.wasNull()) {
                    throw new RejectedException(AuditError.AUDIT_SOURCE, "audit log has no checkpoint yet");
                }
                return newest;
            }
        } catch (SQLException failure) {
            throw LogReads.unreadable(failure);
        }
    }

    @Override
    public String origin() {
        return origin;
    }

    @Override
    public String logId() {
        return logId;
    }

    @Override
    public boolean hasTiles() {
        return true;
    }

    @Override
    public boolean endsSigned() {
        return false;
    }

    @Override
    public @Nullable LogItem next() {
        try {
            if (tiles.at() <= notes.at() && tiles.at() <= entries.at() && tiles.present()) {
                return tile();
            }
            if (notes.at() <= entries.at() && notes.present()) {
                return note();
            }
            if (entries.present()) {
                return entry();
            }
            if (ended) {
                return null;
            }
            ended = true;
            if (root.size() != MerkleHash.SIZE_BYTES) {
                return new LogItem.Malformed("head", "its root hash has another length");
            }
            return new LogItem.End(size, Optional.of(MerkleHash.of(root.array())), "head");
        } catch (SQLException failure) {
            throw LogReads.unreadable(failure);
        }
    }

    private LogItem tile() throws SQLException {
        LogItem.TileRow tile = new LogItem.TileRow(
                tiles.row().getInt(2),
                tiles.row().getLong(3),
                Bytes.owning(tiles.row().getBytes(4)),
                Bytes.owning(tiles.row().getBytes(5)));
        tiles.advance();
        return tile;
    }

    private LogItem note() throws SQLException {
        LogItem.Note note = new LogItem.Note(
                notes.row().getLong(1),
                Bytes.owning(notes.row().getBytes(3)),
                "checkpoint of size %d".formatted(notes.row().getLong(1)));
        notes.advance();
        return note;
    }

    private LogItem entry() throws SQLException {
        String where = "entry %d".formatted(entries.row().getLong(1));
        LogItem item;
        try {
            item = new LogItem.Entry(LogReads.entry(entries.row()), where);
        } catch (IllegalArgumentException wrongLength) {
            item = new LogItem.Malformed(where, "a stored hash has another length");
        }
        entries.advance();
        return item;
    }

    @Override
    public void close() {
        end(connection);
    }

    private static void end(@Nullable Connection connection) {
        if (connection == null) {
            return;
        }
        try (connection) {
            connection.rollback();
        } catch (SQLException failure) {
            throw new UnavailableException(AuditError.AUDIT_DATABASE, "audit log cannot be closed", failure);
        }
    }

    /// Rows in the order of their first column.
    private final class Cursor {
        private final ResultSet rows;
        private long at;

        Cursor(String sql) throws SQLException {
            PreparedStatement statement = connection.prepareStatement(sql);
            statement.closeOnCompletion();
            statement.setFetchSize(FETCH);
            statement.setString(1, logId);
            this.rows = statement.executeQuery();
            advance();
        }

        void advance() throws SQLException {
            at = rows.next() ? rows.getBigDecimal(1).min(LARGEST).longValue() : Long.MAX_VALUE;
        }

        boolean present() {
            return at != Long.MAX_VALUE;
        }

        long at() {
            return at;
        }

        ResultSet row() {
            return rows;
        }
    }
}
