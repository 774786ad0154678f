package dev.sotto.audit;

import dev.sotto.core.UnavailableException;
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
    /// What nearly every append is: one entry, no tile. The same in a form that costs the server a tenth.
    private static final String APPEND_ONE = """
            with head as (
                update audit.log set size = ?, root = ?
                where log_id = ? and epoch = ? and size = ?
                returning log_id)
            insert into audit.entry (log_id, sequence, header, body, body_hash, leaf_hash,
                tenant, tenant_sequence, type, actor, resource, at)
            select head.log_id, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, timestamptz 'epoch' + ? * interval '1 millisecond'
            from head
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
        boolean one = batch.entries().size() == 1 && batch.tiles().isEmpty();
        return one ? appendOne(batch, epoch) : appendAll(batch, epoch);
    }

    private boolean appendOne(Batch batch, long epoch) throws SQLException {
        StoredEntry entry = batch.entries().getFirst();
        StoredEntry.Columns clear = entry.columns().orElseThrow();
        return with(connection -> {
            try (PreparedStatement statement = connection.prepareStatement(APPEND_ONE)) {
                bindHead(statement, batch, epoch);
                statement.setLong(6, entry.sequence());
                statement.setBytes(7, entry.header().array());
                statement.setBytes(8, bodyOf(entry));
                statement.setBytes(9, entry.bodyHash().bytes());
                statement.setBytes(10, entry.leafHash().bytes());
                statement.setObject(11, clear.tenant());
                statement.setLong(12, clear.tenantSequence());
                statement.setString(13, clear.type());
                statement.setString(14, clear.actor());
                statement.setString(15, resourceOf(clear));
                statement.setLong(16, clear.atMillis());
                return statement.executeUpdate() == 1;
            }
        });
    }

    private boolean appendAll(Batch batch, long epoch) throws SQLException {
        return with(connection -> {
            try (PreparedStatement statement = connection.prepareStatement(APPEND)) {
                bindHead(statement, batch, epoch);
                Columns columns = new Columns(connection, statement);
                bindEntries(columns, batch.entries());
                bindTiles(columns, batch.tiles());
                try (ResultSet rows = statement.executeQuery()) {
                    return rows.next() && rows.getInt(1) == 1;
                }
            }
        });
    }

    private void bindHead(PreparedStatement statement, Batch batch, long epoch) throws SQLException {
        statement.setLong(1, batch.size());
        statement.setBytes(2, batch.root().bytes());
        statement.setString(3, logId);
        statement.setLong(4, epoch);
        statement.setLong(5, batch.size() - batch.entries().size());
    }

    private static void bindEntries(Columns columns, List<StoredEntry> entries) throws SQLException {
        List<StoredEntry.Columns> clear =
                entries.stream().map(entry -> entry.columns().orElseThrow()).toList();
        columns.values(6, "int8", entries, StoredEntry::sequence);
        columns.bytes(7, entries, entry -> entry.header().array());
        columns.bytes(8, entries, LogStore::bodyOf);
        columns.bytes(9, entries, entry -> entry.bodyHash().bytes());
        columns.bytes(10, entries, entry -> entry.leafHash().bytes());
        columns.values(11, "uuid", clear, StoredEntry.Columns::tenant);
        columns.values(12, "int8", clear, StoredEntry.Columns::tenantSequence);
        columns.values(13, "text", clear, StoredEntry.Columns::type);
        columns.values(14, "text", clear, StoredEntry.Columns::actor);
        columns.values(15, "text", clear, LogStore::resourceOf);
        columns.values(16, "int8", clear, StoredEntry.Columns::atMillis);
    }

    private static void bindTiles(Columns columns, List<Tile> tiles) throws SQLException {
        columns.values(17, "int4", tiles, Tile::level);
        columns.values(18, "int8", tiles, Tile::index);
        columns.bytes(19, tiles, Tile::bytes);
        columns.bytes(20, tiles, tile -> tile.root().bytes());
    }

    /// Binds one column of many rows as one array.
    private record Columns(Connection connection, PreparedStatement statement) {
        <T> void values(int parameter, String type, List<T> rows, Function<T, Object> column) throws SQLException {
            statement.setArray(
                    parameter,
                    connection.createArrayOf(type, rows.stream().map(column).toArray()));
        }

        /// The driver takes bytes only as `byte[][]`.
        <T> void bytes(int parameter, List<T> rows, Function<T, byte[]> column) throws SQLException {
            byte[][] values = rows.stream().map(column).toArray(byte[][]::new);
            statement.setArray(parameter, connection.createArrayOf("bytea", values));
        }
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
                new Columns(connection, statement).bytes(1, ids, MerkleHash::bytes);
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
