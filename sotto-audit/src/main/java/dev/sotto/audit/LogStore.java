package dev.sotto.audit;

import dev.sotto.core.UnavailableException;
import java.sql.Array;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Function;
import javax.sql.DataSource;

/// What the sequencer writes. Thread-safe.
final class LogStore {
    /// One statement: nothing is written unless the head still has the epoch and size that the batch continues.
    private static final String APPEND = """
            with head as (
                update audit.log set size = ?, root = ?
                where log_id = ? and epoch = ? and size = ?
                returning log_id),
            entries as (
                insert into audit.entry (log_id, sequence, header, body, body_hash, leaf_hash,
                    tenant, tenant_sequence, type, actor, resource, at)
                select head.log_id, n.sequence, n.header, n.body, n.body_hash, n.leaf_hash,
                    n.tenant, n.tenant_sequence, n.type, n.actor, n.resource,
                    timestamptz 'epoch' + n.at * interval '1 millisecond'
                from head cross join unnest(?::bigint[], ?::bytea[], ?::bytea[], ?::bytea[], ?::bytea[],
                    ?::uuid[], ?::bigint[], ?::text[], ?::text[], ?::text[], ?::bigint[])
                    as n (sequence, header, body, body_hash, leaf_hash,
                        tenant, tenant_sequence, type, actor, resource, at)
                returning 1),
            tiles as (
                insert into audit.tile (log_id, level, index, hashes, root)
                select head.log_id, n.level, n.index, n.hashes, n.root
                from head cross join unnest(?::int[], ?::bigint[], ?::bytea[], ?::bytea[])
                    as n (level, index, hashes, root)
                returning 1)
            select count(*) from head
            """;
    private static final String TAKE_EPOCH =
            "update audit.log set epoch = epoch + 1 where log_id = ? and holder = ? returning epoch, size";
    private static final String FIND =
            "select body_hash, sequence from audit.entry where body_hash = any (?)" + " and log_id = ?";
    private static final String CHECKPOINT =
            "insert into audit.checkpoint (log_id, size, note) values (?, ?, convert_to(?, 'UTF8'))";

    private final DataSource database;
    private final String logId;
    private final Duration timeout;

    LogStore(DataSource database, String logId, Duration timeout) {
        this.database = database;
        this.logId = logId;
        this.timeout = timeout;
    }

    /// Entries that continue a log, the tiles they complete, and the head they lead to.
    record Batch(List<StoredEntry> entries, List<Tile> tiles, long size, MerkleHash root) {}

    /// An epoch, and the size of the log when it began.
    record Taken(long epoch, long size) {}

    /// Work on one connection, which commits by itself.
    interface Work<T> {
        T on(Connection connection) throws SQLException;
    }

    /// Commits `batch`; false if the head was not as expected, in which case nothing was written. On an
    /// exception it may or may not be committed.
    boolean append(Batch batch, long epoch) throws SQLException {
        return with(connection -> {
            try (PreparedStatement statement = connection.prepareStatement(APPEND)) {
                long size = batch.size() - batch.entries().size();
                statement.setLong(1, batch.size());
                statement.setBytes(2, batch.root().bytes());
                statement.setString(3, logId);
                statement.setLong(4, epoch);
                statement.setLong(5, size);
                setEntries(connection, statement, batch.entries());
                setTiles(connection, statement, batch.tiles());
                try (ResultSet rows = statement.executeQuery()) {
                    return rows.next() && rows.getInt(1) == 1;
                }
            }
        });
    }

    private static void setEntries(Connection connection, PreparedStatement statement, List<StoredEntry> entries)
            throws SQLException {
        List<StoredEntry.Columns> columns =
                entries.stream().map(entry -> entry.columns().orElseThrow()).toList();
        setArray(connection, statement, 6, "int8", entries, StoredEntry::sequence);
        setArray(
                connection,
                statement,
                7,
                "bytea",
                entries,
                entry -> entry.header().array());
        setArray(connection, statement, 8, "bytea", entries, LogStore::bodyOf);
        setArray(
                connection,
                statement,
                9,
                "bytea",
                entries,
                entry -> entry.bodyHash().bytes());
        setArray(
                connection,
                statement,
                10,
                "bytea",
                entries,
                entry -> entry.leafHash().bytes());
        setArray(connection, statement, 11, "uuid", columns, StoredEntry.Columns::tenant);
        setArray(connection, statement, 12, "int8", columns, StoredEntry.Columns::tenantSequence);
        setArray(connection, statement, 13, "text", columns, StoredEntry.Columns::type);
        setArray(connection, statement, 14, "text", columns, StoredEntry.Columns::actor);
        setArray(connection, statement, 15, "text", columns, LogStore::resourceOf);
        setArray(connection, statement, 16, "int8", columns, StoredEntry.Columns::atMillis);
    }

    private static void setTiles(Connection connection, PreparedStatement statement, List<Tile> tiles)
            throws SQLException {
        setArray(connection, statement, 17, "int4", tiles, Tile::level);
        setArray(connection, statement, 18, "int8", tiles, Tile::index);
        setArray(connection, statement, 19, "bytea", tiles, Tile::bytes);
        setArray(connection, statement, 20, "bytea", tiles, tile -> tile.root().bytes());
    }

    private static byte[] bodyOf(StoredEntry entry) {
        Bytes body = entry.body();
        if (body == null) {
            throw new IllegalStateException("an entry is appended with its body");
        }
        return body.array();
    }

    private static String resourceOf(StoredEntry.Columns columns) {
        String resource = columns.resource();
        return resource == null ? "" : resource;
    }

    private static <T> void setArray(
            Connection connection,
            PreparedStatement statement,
            int parameter,
            String type,
            List<T> rows,
            Function<T, Object> column)
            throws SQLException {
        Array array = connection.createArrayOf(type, rows.stream().map(column).toArray());
        statement.setArray(parameter, array);
    }

    /// Begins a new epoch as the same holder: what the old epoch still has under way can no longer commit. Null
    /// if another holder has taken the log.
    Optional<Taken> takeEpoch(UUID holder) throws SQLException {
        return with(connection -> {
            try (PreparedStatement statement = connection.prepareStatement(TAKE_EPOCH)) {
                statement.setString(1, logId);
                statement.setObject(2, holder);
                try (ResultSet rows = statement.executeQuery()) {
                    return rows.next() ? Optional.of(new Taken(rows.getLong(1), rows.getLong(2))) : Optional.empty();
                }
            }
        });
    }

    /// The places of those of `ids` that are in the log.
    Map<MerkleHash, Long> find(List<MerkleHash> ids) throws SQLException {
        return with(connection -> {
            try (PreparedStatement statement = connection.prepareStatement(FIND)) {
                setArray(connection, statement, 1, "bytea", ids, MerkleHash::bytes);
                statement.setString(2, logId);
                Map<MerkleHash, Long> found = new HashMap<>();
                try (ResultSet rows = statement.executeQuery()) {
                    while (rows.next()) {
                        found.put(MerkleHash.of(rows.getBytes(1)), rows.getLong(2));
                    }
                }
                return found;
            }
        });
    }

    void saveCheckpoint(SignedCheckpoint checkpoint) {
        try {
            with(connection -> {
                try (PreparedStatement statement = connection.prepareStatement(CHECKPOINT)) {
                    statement.setString(1, logId);
                    statement.setLong(2, checkpoint.checkpoint().size());
                    statement.setString(3, checkpoint.note());
                    return statement.executeUpdate();
                }
            });
        } catch (SQLException failure) {
            throw new UnavailableException(AuditError.AUDIT_DATABASE, "checkpoint cannot be stored", failure);
        }
    }

    <T> T with(Work<T> work) throws SQLException {
        try (Connection connection = database.getConnection()) {
            connection.setAutoCommit(true);
            connection.setNetworkTimeout(Runnable::run, Math.toIntExact(timeout.toMillis()));
            return work.on(connection);
        }
    }
}
