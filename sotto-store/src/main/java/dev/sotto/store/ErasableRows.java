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
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.function.Function;
import java.util.stream.Collectors;

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

    /// As [dev.sotto.keys.KeyRecords#obtain]: one look for all slots, then one lock and one insert for those that have
    /// no key.
    static Map<ErasableSlot, Insertion> obtain(
            Sql sql, TenantId tenant, List<ErasableSlot> slots, Function<ErasableSlot, ErasableKey> first)
            throws SQLException {
        var stand = new HashMap<ErasableSlot, Insertion>(look(sql, tenant, slots));
        var candidates = slots.stream()
                .filter(slot -> !stand.containsKey(slot))
                .map(first)
                .toList();
        if (candidates.isEmpty()) {
            return stand;
        }
        lock(sql, candidates.stream().map(ErasableKey::slot).toList());
        var inserted = Set.copyOf(insertFirst(sql, tenant, candidates));
        var lost = new ArrayList<ErasableSlot>();
        for (var candidate : candidates) {
            if (inserted.contains(candidate.id())) {
                stand.put(candidate.slot(), new Insertion.Stands(candidate));
            } else {
                lost.add(candidate.slot());
            }
        }
        if (!lost.isEmpty()) { // another was first, or it was destroyed meanwhile
            stand.putAll(look(sql, tenant, lost));
        }
        return stand;
    }

    /// How it stands with each slot that has a key or was destroyed.
    private static Map<ErasableSlot, Insertion> look(Sql sql, TenantId tenant, List<ErasableSlot> slots)
            throws SQLException {
        return sql
                .list(
                        ErasableRows::standing,
                        "SELECT ?::uuid AS tenant_id, s.data_class, s.owner, s.tier, k.id, k.version, k.algorithm,"
                                + " k.kek, k.wrapped, k.created_at"
                                + " FROM unnest(?, ?, ?) AS s(data_class, owner, tier)"
                                + " LEFT JOIN LATERAL (SELECT id, version, algorithm, kek, wrapped, created_at"
                                + " FROM sotto.erasable_key e WHERE e.tenant_id = ? AND e.data_class = s.data_class"
                                + " AND e.owner = s.owner AND e.tier = s.tier ORDER BY version DESC LIMIT 1) k ON true"
                                + " LEFT JOIN sotto.destroyed_key d ON d.tenant_id = ? AND d.data_class = s.data_class"
                                + " AND d.owner = s.owner AND d.tier = s.tier"
                                + " WHERE k.id IS NOT NULL OR d.through_version > 0",
                        tenant.value(),
                        texts(slots, slot -> slot.dataClass().code()),
                        texts(slots, ErasableSlot::owner),
                        texts(slots, slot -> slot.tier().code()),
                        tenant.value(),
                        tenant.value())
                .stream()
                .collect(Collectors.toMap(Map.Entry::getKey, Map.Entry::getValue));
    }

    private static Map.Entry<ErasableSlot, Insertion> standing(Sql.Row row) throws SQLException {
        return Map.entry(
                slot(row),
                row.optionalId("id").isPresent() ? new Insertion.Stands(erasableKey(row)) : new Insertion.Destroyed());
    }

    /// Returns the ids of those that were not there and had not been destroyed.
    private static List<UUID> insertFirst(Sql sql, TenantId tenant, List<ErasableKey> keys) throws SQLException {
        var slots = keys.stream().map(ErasableKey::slot).toList();
        return sql.list(
                row -> row.id("id"),
                "INSERT INTO sotto.erasable_key (" + COLUMNS + ") SELECT ?, n.id, n.data_class, n.owner, n.tier, 1,"
                        + " n.algorithm, n.kek, n.wrapped, n.created_at"
                        + " FROM unnest(?, ?, ?, ?, ?, ?, ?, ?::timestamptz[])"
                        + " AS n(id, data_class, owner, tier, algorithm, kek, wrapped, created_at)"
                        + " WHERE NOT EXISTS (SELECT 1 FROM sotto.destroyed_key d WHERE d.tenant_id = ?"
                        + " AND d.data_class = n.data_class AND d.owner = n.owner AND d.tier = n.tier"
                        + " AND d.through_version >= 1)"
                        + " ON CONFLICT (tenant_id, data_class, owner, tier, version) DO NOTHING RETURNING id",
                tenant.value(),
                keys.stream().map(ErasableKey::id).toArray(UUID[]::new),
                texts(slots, slot -> slot.dataClass().code()),
                texts(slots, ErasableSlot::owner),
                texts(slots, slot -> slot.tier().code()),
                texts(keys, ErasableKey::algorithm),
                texts(keys, key -> key.wrapped().kek().text()),
                keys.stream().map(key -> key.wrapped().bytes()).toArray(byte[][]::new),
                texts(keys, key -> key.createdAt().toString()),
                tenant.value());
    }

    private static <T> String[] texts(List<T> of, Function<T, String> text) {
        return of.stream().map(text).toArray(String[]::new);
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
                row -> new DestroyedMark(slot(row), row.integer("through_version"), row.instant("destroyed_at")),
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

    private static void lock(Sql sql, ErasableSlot slot) throws SQLException {
        lock(sql, List.of(slot));
    }

    /// One at a time for a slot, whether its key is there yet or not: a key made while the slot is destroyed must not
    /// survive.
    private static void lock(Sql sql, List<ErasableSlot> slots) throws SQLException {
        String[] names = slots.stream()
                .map(slot -> String.join(
                        "/",
                        slot.tenant().toString(),
                        slot.dataClass().code(),
                        slot.owner(),
                        slot.tier().code()))
                .sorted() // one order, no deadlock
                .toArray(String[]::new);
        sql.run("SELECT pg_advisory_xact_lock(hashtextextended(name, 0)) FROM unnest(?) AS name", (Object) names);
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
        return new ErasableKey(
                row.id("id"),
                slot(row),
                row.integer("version"),
                row.text("algorithm"),
                PostgresKeyRecords.wrapped(row),
                row.instant("created_at"));
    }

    private static ErasableSlot slot(Sql.Row row) throws SQLException {
        return new ErasableSlot(
                new TenantId(row.id("tenant_id")),
                DataClass.ofCode(row.text("data_class")),
                row.text("owner"),
                KeyTier.ofCode(row.text("tier")));
    }
}
