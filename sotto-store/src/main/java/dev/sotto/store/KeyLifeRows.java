package dev.sotto.store;

import dev.sotto.core.ActorId;
import dev.sotto.core.TenantId;
import dev.sotto.keys.DestructionRequest;
import dev.sotto.keys.KeyFloor;
import dev.sotto.keys.KeyRecords.Destruction;
import dev.sotto.keys.KeySlot;
import dev.sotto.keys.KeyUse;
import java.sql.SQLException;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.UUID;

/// The rows beside the keys: what changed, the floors, the counts of use, and what is to be destroyed.
final class KeyLifeRows {
    private static final String DESTRUCTION_COLUMNS =
            "tenant_id, id, target, reason, requested_by, requested_at, not_before, certificate";

    private KeyLifeRows() {}

    /// Notes that keys of the tenant changed. The last statement of its transaction: from here on no other may change
    /// any key until this one commits, so that the numbers come in the order of the commits.
    static void changed(Sql sql, TenantId tenant) throws SQLException {
        name(sql, TenantId.OPERATOR);
        long epoch = sql.first(
                        row -> row.number("epoch"),
                        "UPDATE sotto.key_state SET epoch = epoch + 1, changed_at = now() WHERE tenant_id = ?"
                                + " RETURNING epoch",
                        TenantId.OPERATOR.value())
                .orElseThrow(() -> new SQLException("the row of the key state is not there", "58000"));
        name(sql, tenant);
        if (!tenant.equals(TenantId.OPERATOR)) {
            sql.update(
                    "INSERT INTO sotto.key_state (tenant_id, epoch, changed_at) VALUES (?, ?, now())"
                            + " ON CONFLICT (tenant_id) DO UPDATE SET epoch = excluded.epoch,"
                            + " changed_at = excluded.changed_at",
                    tenant.value(),
                    epoch);
        }
    }

    private static void name(Sql sql, TenantId tenant) throws SQLException {
        sql.run("SELECT set_config('app.tenant', ?, true)", tenant.value().toString());
    }

    /// The operator's number, if its row is there.
    static Optional<Long> epoch(Sql sql) throws SQLException {
        return sql.first(
                row -> row.number("epoch"),
                "SELECT epoch FROM sotto.key_state WHERE tenant_id = ?",
                TenantId.OPERATOR.value());
    }

    static KeyFloor floor(Sql sql, KeySlot slot) throws SQLException {
        return sql.first(
                        row -> new KeyFloor(row.integer("seals_from"), row.integer("opens_from")),
                        "SELECT seals_from, opens_from FROM sotto.key_floor WHERE tenant_id = ? AND level = ?"
                                + " AND name = ? AND tier = ?",
                        slot.tenant().value(),
                        slot.level().code(),
                        slot.name(),
                        slot.tier().code())
                .orElse(new KeyFloor(0, 1));
    }

    static void sealsFrom(Sql sql, KeySlot slot, int version) throws SQLException {
        sql.update(
                "INSERT INTO sotto.key_floor (tenant_id, level, name, tier, seals_from, opens_from)"
                        + " VALUES (?, ?, ?, ?, ?, 1) ON CONFLICT (tenant_id, level, name, tier)"
                        + " DO UPDATE SET seals_from = excluded.seals_from"
                        + " WHERE key_floor.seals_from < excluded.seals_from",
                slot.tenant().value(),
                slot.level().code(),
                slot.name(),
                slot.tier().code(),
                version);
    }

    static void opensFrom(Sql sql, KeySlot slot, int version) throws SQLException {
        sql.update(
                "INSERT INTO sotto.key_floor (tenant_id, level, name, tier, seals_from, opens_from)"
                        + " VALUES (?, ?, ?, ?, 0, ?) ON CONFLICT (tenant_id, level, name, tier)"
                        + " DO UPDATE SET opens_from = excluded.opens_from"
                        + " WHERE key_floor.opens_from < excluded.opens_from",
                slot.tenant().value(),
                slot.level().code(),
                slot.name(),
                slot.tier().code(),
                version);
    }

    static void addUse(Sql sql, TenantId tenant, Map<UUID, KeyUse> uses, Instant at) throws SQLException {
        for (var use : new TreeMap<>(uses).entrySet()) { // one order, no deadlock
            KeyUse added = use.getValue();
            sql.update(
                    "INSERT INTO sotto.key_usage AS u (tenant_id, key_id, wraps, seals, opens, unwraps, bytes,"
                            + " last_used_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (tenant_id, key_id)"
                            + " DO UPDATE SET wraps = u.wraps + excluded.wraps, seals = u.seals + excluded.seals,"
                            + " opens = u.opens + excluded.opens, unwraps = u.unwraps + excluded.unwraps,"
                            + " bytes = u.bytes + excluded.bytes,"
                            + " last_used_at = greatest(u.last_used_at, excluded.last_used_at)",
                    tenant.value(),
                    use.getKey(),
                    added.wraps(),
                    added.seals(),
                    added.opens(),
                    added.unwraps(),
                    added.bytes(),
                    at);
        }
    }

    static Map<UUID, KeyUse> uses(Sql sql, TenantId tenant) throws SQLException {
        var uses = new HashMap<UUID, KeyUse>();
        sql.list(
                        row -> Map.entry(
                                row.id("key_id"),
                                new KeyUse(
                                        row.number("wraps"),
                                        row.number("seals"),
                                        row.number("opens"),
                                        row.number("unwraps"),
                                        row.number("bytes"))),
                        "SELECT key_id, wraps, seals, opens, unwraps, bytes FROM sotto.key_usage WHERE tenant_id = ?",
                        tenant.value())
                .forEach(use -> uses.put(use.getKey(), use.getValue()));
        return Map.copyOf(uses);
    }

    static void request(Sql sql, DestructionRequest request) throws SQLException {
        sql.update(
                "INSERT INTO sotto.key_destruction (tenant_id, id, target, reason, requested_by, requested_at,"
                        + " not_before) VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (tenant_id, id) DO NOTHING",
                request.tenant().value(),
                request.id(),
                request.target().text(),
                request.reason(),
                request.requestedBy().toString(),
                request.requestedAt(),
                request.notBefore());
    }

    static Optional<Destruction> destruction(Sql sql, TenantId tenant, UUID id) throws SQLException {
        return sql.first(
                KeyLifeRows::destruction,
                "SELECT " + DESTRUCTION_COLUMNS + " FROM sotto.key_destruction WHERE tenant_id = ? AND id = ?",
                tenant.value(),
                id);
    }

    static List<Destruction> destructions(Sql sql, TenantId tenant) throws SQLException {
        return sql.list(
                        KeyLifeRows::destruction,
                        "SELECT " + DESTRUCTION_COLUMNS + " FROM sotto.key_destruction WHERE tenant_id = ?"
                                + " ORDER BY requested_at DESC, id DESC LIMIT 1000",
                        tenant.value())
                .reversed();
    }

    static boolean certify(Sql sql, TenantId tenant, UUID id, String certificate) throws SQLException {
        return sql.update(
                        "UPDATE sotto.key_destruction SET certificate = ? WHERE tenant_id = ? AND id = ?"
                                + " AND certificate IS NULL",
                        certificate,
                        tenant.value(),
                        id)
                > 0;
    }

    private static Destruction destruction(Sql.Row row) throws SQLException {
        String actor = row.text("requested_by");
        int colon = actor.indexOf(':');
        var by = new ActorId(
                Codes.of(
                        ActorId.Kind.class,
                        actor.substring(0, colon).toUpperCase(Locale.ROOT).replace('-', '_')),
                actor.substring(colon + 1));
        return new Destruction(
                new DestructionRequest(
                        row.id("id"),
                        new TenantId(row.id("tenant_id")),
                        DestructionRequest.Target.parse(row.text("target")),
                        row.text("reason"),
                        by,
                        row.instant("requested_at"),
                        row.instant("not_before")),
                row.optionalText("certificate"));
    }
}
