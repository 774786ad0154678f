package dev.sotto.store;

import dev.sotto.core.DataClass;
import dev.sotto.core.TenantId;
import dev.sotto.keys.ErasableKey;
import dev.sotto.keys.ErasableSlot;
import dev.sotto.keys.KeyRecords.DestroyedMark;
import dev.sotto.keys.KeyRecords.Insertion;
import dev.sotto.keys.KeyRecords.Rewrap;
import dev.sotto.keys.KeyTier;
import dev.sotto.keys.KeyUri;
import java.sql.SQLException;
import java.time.Instant;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;

/// The rows of record keys, and the marks of those that were destroyed.
final class ErasableRows {
    private static final String COLUMNS =
            "tenant_id, id, data_class, owner, tier, version, algorithm, kek, wrapped, created_at";
    private static final UUID FIRST = new UUID(0, 0);

    private ErasableRows() {}

    static Insertion insert(Sql sql, ErasableKey candidate) throws SQLException {
        ErasableSlot slot = candidate.slot();
        lock(sql, slot);
        if (destroyedThrough(sql, slot) >= candidate.version()) {
            return new Insertion.Destroyed();
        }
        sql.update(
                "INSERT INTO sotto.erasable_key (" + COLUMNS + ") VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
                        + " ON CONFLICT (tenant_id, data_class, owner, tier, version) DO NOTHING",
                slot.tenant().value(),
                candidate.id(),
                slot.dataClass().code(),
                slot.owner(),
                slot.tier().code(),
                candidate.version(),
                candidate.algorithm(),
                candidate.wrapped().kek().text(),
                candidate.wrapped().bytes(),
                candidate.createdAt());
        return new Insertion.Stands(sql.first(
                        ErasableRows::erasableKey,
                        "SELECT " + COLUMNS + " FROM sotto.erasable_key WHERE tenant_id = ?"
                                + " AND data_class = ? AND owner = ? AND tier = ? AND version = ?",
                        slot.tenant().value(),
                        slot.dataClass().code(),
                        slot.owner(),
                        slot.tier().code(),
                        candidate.version())
                .orElseThrow());
    }

    static int insertAll(Sql sql, List<ErasableKey> keys) throws SQLException {
        int stand = 0;
        for (ErasableKey key : keys) {
            if (insert(sql, key) instanceof Insertion.Stands(var row)
                    && row.id().equals(key.id())) {
                stand++;
            }
        }
        return stand;
    }

    static List<DestroyedMark> destroyedMarks(Sql sql, TenantId tenant, Optional<ErasableSlot> after, int limit)
            throws SQLException {
        return sql.list(
                row -> new DestroyedMark(
                        new ErasableSlot(
                                new TenantId(row.id("tenant_id")),
                                DataClass.ofCode(row.text("data_class")),
                                row.text("owner"),
                                KeyTier.ofCode(row.text("tier"))),
                        row.integer("through_version"),
                        row.instant("destroyed_at")),
                "SELECT tenant_id, data_class, owner, tier, through_version, destroyed_at FROM sotto.destroyed_key"
                        + " WHERE tenant_id = ? AND (data_class, owner, tier) > (?, ?, ?)"
                        + " ORDER BY data_class, owner, tier LIMIT ?",
                tenant.value(),
                after.map(slot -> slot.dataClass().code()).orElse(""),
                after.map(ErasableSlot::owner).orElse(""),
                after.map(slot -> slot.tier().code()).orElse(""),
                limit);
    }

    static Optional<ErasableKey> latest(Sql sql, ErasableSlot slot) throws SQLException {
        return sql.first(
                ErasableRows::erasableKey,
                "SELECT " + COLUMNS + " FROM sotto.erasable_key WHERE tenant_id = ?"
                        + " AND data_class = ? AND owner = ? AND tier = ? ORDER BY version DESC LIMIT 1",
                slot.tenant().value(),
                slot.dataClass().code(),
                slot.owner(),
                slot.tier().code());
    }

    static Optional<ErasableKey> find(Sql sql, TenantId tenant, UUID id) throws SQLException {
        return sql.first(
                ErasableRows::erasableKey,
                "SELECT " + COLUMNS + " FROM sotto.erasable_key WHERE tenant_id = ? AND id = ?",
                tenant.value(),
                id);
    }

    static List<ErasableKey> under(Sql sql, TenantId tenant, KeyUri kek, Optional<UUID> after, int limit)
            throws SQLException {
        return sql.list(
                ErasableRows::erasableKey,
                "SELECT " + COLUMNS + " FROM sotto.erasable_key WHERE tenant_id = ? AND kek = ?"
                        + " AND id > ? ORDER BY id LIMIT ?",
                tenant.value(),
                kek.text(),
                after.orElse(FIRST),
                limit);
    }

    static int rewrap(Sql sql, TenantId tenant, List<Rewrap> keys) throws SQLException {
        var sorted = keys.stream().sorted(Comparator.comparing(Rewrap::id)).toList(); // one order, no deadlock
        return sql.update(
                "UPDATE sotto.erasable_key AS k SET kek = n.kek, wrapped = n.wrapped"
                        + " FROM unnest(?, ?, ?, ?) AS n(id, old, kek, wrapped)"
                        + " WHERE k.tenant_id = ? AND k.id = n.id AND k.wrapped = n.old",
                sorted.stream().map(Rewrap::id).toArray(UUID[]::new),
                sorted.stream().map(key -> key.from().bytes()).toArray(byte[][]::new),
                sorted.stream().map(key -> key.to().kek().text()).toArray(String[]::new),
                sorted.stream().map(key -> key.to().bytes()).toArray(byte[][]::new),
                tenant.value());
    }

    static List<UUID> destroy(Sql sql, ErasableSlot slot, int throughVersion, Instant at) throws SQLException {
        lock(sql, slot);
        sql.update(
                "INSERT INTO sotto.destroyed_key (tenant_id, data_class, owner, tier, through_version,"
                        + " destroyed_at) VALUES (?, ?, ?, ?, ?, ?)"
                        + " ON CONFLICT (tenant_id, data_class, owner, tier) DO UPDATE"
                        + " SET through_version = excluded.through_version, destroyed_at = excluded.destroyed_at"
                        + " WHERE destroyed_key.through_version < excluded.through_version",
                slot.tenant().value(),
                slot.dataClass().code(),
                slot.owner(),
                slot.tier().code(),
                throughVersion,
                at);
        List<UUID> gone = sql.list(
                row -> row.id("id"),
                "DELETE FROM sotto.erasable_key WHERE tenant_id = ? AND data_class = ? AND owner = ?"
                        + " AND tier = ? AND version <= ? RETURNING id",
                slot.tenant().value(),
                slot.dataClass().code(),
                slot.owner(),
                slot.tier().code(),
                throughVersion);
        KeyLifeRows.changed(sql, slot.tenant());
        return gone;
    }

    static int destroyedThrough(Sql sql, ErasableSlot slot) throws SQLException {
        return sql.first(
                        row -> row.integer("through_version"),
                        "SELECT through_version FROM sotto.destroyed_key WHERE tenant_id = ? AND data_class = ?"
                                + " AND owner = ? AND tier = ?",
                        slot.tenant().value(),
                        slot.dataClass().code(),
                        slot.owner(),
                        slot.tier().code())
                .orElse(0);
    }

    /// One at a time for a slot, whether its key is there yet or not: a key made while the slot is destroyed must not
    /// survive.
    private static void lock(Sql sql, ErasableSlot slot) throws SQLException {
        String name = String.join(
                "/",
                slot.tenant().toString(),
                slot.dataClass().code(),
                slot.owner(),
                slot.tier().code());
        sql.run("SELECT pg_advisory_xact_lock(hashtextextended(?, 0))", name);
    }

    static Map<KeyUri, Long> count(Sql sql, TenantId tenant) throws SQLException {
        var counts = new HashMap<KeyUri, Long>();
        sql.list(
                        row -> Map.entry(new KeyUri(row.text("kek")), row.number("keys")),
                        "SELECT kek, count(*) AS keys FROM sotto.erasable_key WHERE tenant_id = ? GROUP BY kek",
                        tenant.value())
                .forEach(entry -> counts.put(entry.getKey(), entry.getValue()));
        return Map.copyOf(counts);
    }

    private static ErasableKey erasableKey(Sql.Row row) throws SQLException {
        var slot = new ErasableSlot(
                new TenantId(row.id("tenant_id")),
                DataClass.ofCode(row.text("data_class")),
                row.text("owner"),
                KeyTier.ofCode(row.text("tier")));
        return new ErasableKey(
                row.id("id"),
                slot,
                row.integer("version"),
                row.text("algorithm"),
                PostgresKeyRecords.wrapped(row),
                row.instant("created_at"));
    }
}
