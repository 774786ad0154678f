package dev.sotto.audit;

import dev.sotto.core.UnavailableException;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/// Reads one log on one connection. Not thread-safe.
final class LogReads implements TileNodes.Source {
    static final String ENTRY_COLUMNS =
            "sequence, header, body, body_hash, leaf_hash," + " tenant, tenant_sequence, type, actor, resource, at";
    private static final String TENANT_HEADS = """
            with recursive last as (
                (select %1$s from audit.entry where log_id = ?
                order by tenant desc, tenant_sequence desc limit 1)
                union all
                select next.* from last cross join lateral (
                    select %1$s from audit.entry where log_id = ? and tenant < last.tenant
                    order by tenant desc, tenant_sequence desc limit 1) as next)
            select * from last
            """.formatted(ENTRY_COLUMNS);

    private final Connection connection;
    private final String logId;

    LogReads(Connection connection, String logId) {
        this.connection = connection;
        this.logId = logId;
    }

    @Override
    public List<MerkleHash> hashes(int level, long index) {
        try {
            List<byte[]> complete =
                    bytes("select hashes from audit.tile where log_id = ? and level = ? and index = ?", level, index);
            if (!complete.isEmpty()) {
                return Tile.split(complete.getFirst());
            }
            long first = index * Tile.WIDTH;
            List<byte[]> partial = level == 0
                    ? bytes(
                            "select leaf_hash from audit.entry where log_id = ? and sequence >= ? and sequence < ?"
                                    + " order by sequence",
                            first,
                            first + Tile.WIDTH)
                    : bytes(
                            "select root from audit.tile where log_id = ? and level = ? and index >= ? and index < ?"
                                    + " order by index",
                            level - 1,
                            first,
                            first + Tile.WIDTH);
            return partial.stream().map(MerkleHash::of).toList();
        } catch (SQLException failure) {
            throw unreadable(failure);
        }
    }

    private List<byte[]> bytes(String sql, long... parameters) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            statement.setString(1, logId);
            for (int i = 0; i < parameters.length; i++) {
                statement.setLong(i + 2, parameters[i]);
            }
            List<byte[]> found = new ArrayList<>();
            try (ResultSet rows = statement.executeQuery()) {
                while (rows.next()) {
                    found.add(rows.getBytes(1));
                }
            }
            return found;
        }
    }

    List<StoredEntry> entries(AuditQuery query) {
        StringBuilder sql = new StringBuilder(
                "select " + ENTRY_COLUMNS + " from audit.entry where log_id = ?" + " and sequence > ?");
        List<Object> parameters = new ArrayList<>(List.of(logId, query.afterSequence()));
        query.tenant().ifPresent(tenant -> {
            sql.append(" and tenant = ?");
            parameters.add(tenant.value());
        });
        query.resource().ifPresent(resource -> {
            sql.append(" and resource = ?");
            parameters.add(EntryBody.escaped(resource));
        });
        query.type().ifPresent(type -> {
            sql.append(" and type = ?");
            parameters.add(type);
        });
        sql.append(" order by sequence limit ?");
        parameters.add(query.limit());
        return entries(sql.toString(), parameters);
    }

    /// The last entry of each tenant.
    List<StoredEntry> tenantHeads() {
        return entries(TENANT_HEADS, List.of(logId, logId));
    }

    private List<StoredEntry> entries(String sql, List<Object> parameters) {
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            for (int i = 0; i < parameters.size(); i++) {
                statement.setObject(i + 1, parameters.get(i));
            }
            List<StoredEntry> found = new ArrayList<>();
            try (ResultSet rows = statement.executeQuery()) {
                while (rows.next()) {
                    found.add(entry(rows));
                }
            }
            return found;
        } catch (SQLException failure) {
            throw unreadable(failure);
        }
    }

    /// Reads a row of [#ENTRY_COLUMNS].
    static StoredEntry entry(ResultSet row) throws SQLException {
        byte @Nullable [] body = row.getBytes(3);
        return new StoredEntry(
                row.getLong(1),
                Bytes.owning(row.getBytes(2)),
                body == null ? null : Bytes.owning(body),
                MerkleHash.of(row.getBytes(4)),
                MerkleHash.of(row.getBytes(5)),
                Optional.of(new StoredEntry.Columns(
                        row.getObject(6, UUID.class),
                        row.getLong(7),
                        row.getString(8),
                        row.getString(9),
                        row.getString(10),
                        row.getObject(11, OffsetDateTime.class).toInstant().toEpochMilli())));
    }

    Optional<Bytes> newestCheckpoint() {
        try {
            return bytes("select note from audit.checkpoint where log_id = ? order by size desc, number desc limit 1")
                    .stream()
                    .findFirst()
                    .map(Bytes::owning);
        } catch (SQLException failure) {
            throw unreadable(failure);
        }
    }

    static UnavailableException unreadable(SQLException failure) {
        return new UnavailableException(AuditError.AUDIT_DATABASE, "audit log cannot be read", failure);
    }
}
