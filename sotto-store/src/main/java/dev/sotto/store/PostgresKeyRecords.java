package dev.sotto.store;

import dev.sotto.core.Meter;
import dev.sotto.core.TenantId;
import dev.sotto.core.UnavailableException;
import dev.sotto.keys.DestructionRequest;
import dev.sotto.keys.ErasableKey;
import dev.sotto.keys.ErasableSlot;
import dev.sotto.keys.KeyFloor;
import dev.sotto.keys.KeyLevel;
import dev.sotto.keys.KeyRecord;
import dev.sotto.keys.KeyRecords;
import dev.sotto.keys.KeySlot;
import dev.sotto.keys.KeyState;
import dev.sotto.keys.KeyTier;
import dev.sotto.keys.KeyUri;
import dev.sotto.keys.KeyUse;
import dev.sotto.keys.KeysError;
import dev.sotto.keys.WrappedKey;
import java.sql.SQLException;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Function;
import javax.sql.DataSource;

/// Wrapped keys as rows that only [Role#KEYS] can read. Record keys lie in a table of their own; destroying one
/// deletes its row. Thread-safe; blocks.
public final class PostgresKeyRecords implements KeyRecords {
    private static final String KEY_COLUMNS =
            "tenant_id, id, level, name, tier, version, state, algorithm, kek, wrapped, created_at";

    private final Transactions transactions;

    /// @param keys connections as [Role#KEYS] to a migrated database
    public PostgresKeyRecords(DataSource keys) {
        this.transactions = new Transactions(keys, Meter.none());
    }

    @Override
    public List<TenantId> tenants() {
        return transactions.lookup(sql ->
                sql.list(row -> new TenantId(row.id("tenant_id")), "SELECT tenant_id FROM sotto.tenants_with_keys()"));
    }

    @Override
    public KeyRecord insert(KeyRecord candidate) {
        return transactions.in(candidate.slot().tenant(), sql -> insert(sql, candidate));
    }

    @Override
    public KeyRecord succeed(KeyRecord candidate) {
        KeySlot slot = candidate.slot();
        return transactions.in(slot.tenant(), sql -> {
            KeyRecord stands = insert(sql, candidate);
            if (stands.id().equals(candidate.id())) {
                sql.update(
                        "UPDATE sotto.key_record SET state = 'DEACTIVATED' WHERE tenant_id = ? AND level = ?"
                                + " AND name = ? AND tier = ? AND version < ? AND state = 'ACTIVE'",
                        slot.tenant().value(),
                        slot.level().code(),
                        slot.name(),
                        slot.tier().code(),
                        candidate.version());
                KeyLifeRows.changed(sql, slot.tenant());
            }
            return stands;
        });
    }

    private static KeyRecord insert(Sql sql, KeyRecord candidate) throws SQLException {
        KeySlot slot = candidate.slot();
        sql.update(
                "INSERT INTO sotto.key_record (" + KEY_COLUMNS + ") VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
                        + " ON CONFLICT (tenant_id, level, name, tier, version) DO NOTHING",
                slot.tenant().value(),
                candidate.id(),
                slot.level().code(),
                slot.name(),
                slot.tier().code(),
                candidate.version(),
                candidate.state(),
                candidate.algorithm(),
                candidate.wrapped().kek().text(),
                candidate.wrapped().bytes(),
                candidate.createdAt());
        KeyLifeRows.sealsFrom(sql, slot, candidate.version());
        return sql.first(
                        PostgresKeyRecords::keyRecord,
                        "SELECT " + KEY_COLUMNS + " FROM sotto.key_record WHERE tenant_id = ? AND level = ?"
                                + " AND name = ? AND tier = ? AND version = ?",
                        slot.tenant().value(),
                        slot.level().code(),
                        slot.name(),
                        slot.tier().code(),
                        candidate.version())
                .orElseThrow();
    }

    @Override
    public Optional<KeyRecord> latest(KeySlot slot) {
        return transactions.in(
                slot.tenant(),
                sql -> sql.first(
                        PostgresKeyRecords::keyRecord,
                        "SELECT " + KEY_COLUMNS + " FROM sotto.key_record WHERE tenant_id = ? AND level = ?"
                                + " AND name = ? AND tier = ? ORDER BY version DESC LIMIT 1",
                        slot.tenant().value(),
                        slot.level().code(),
                        slot.name(),
                        slot.tier().code()));
    }

    @Override
    public Optional<KeyRecord> find(TenantId tenant, UUID id) {
        return transactions.in(
                tenant,
                sql -> sql.first(
                        PostgresKeyRecords::keyRecord,
                        "SELECT " + KEY_COLUMNS + " FROM sotto.key_record WHERE tenant_id = ? AND id = ?",
                        tenant.value(),
                        id));
    }

    @Override
    public List<KeyRecord> list(TenantId tenant) {
        return transactions.in(
                tenant,
                sql -> sql.list(
                        PostgresKeyRecords::keyRecord,
                        "SELECT " + KEY_COLUMNS + " FROM sotto.key_record WHERE tenant_id = ?"
                                + " ORDER BY level, name, tier, version",
                        tenant.value()));
    }

    @Override
    public Insertion insert(ErasableKey candidate) {
        return transactions.in(candidate.slot().tenant(), sql -> ErasableRows.insert(sql, candidate));
    }

    @Override
    public Optional<ErasableKey> latest(ErasableSlot slot) {
        return transactions.in(slot.tenant(), sql -> ErasableRows.latest(sql, slot));
    }

    @Override
    public Standing standing(ErasableSlot slot) {
        return transactions.in(slot.tenant(), sql -> {
            var latest = ErasableRows.latest(sql, slot);
            return new Standing(latest, latest.isPresent() ? 0 : ErasableRows.destroyedThrough(sql, slot));
        });
    }

    @Override
    public Map<ErasableSlot, Insertion> obtain(
            TenantId tenant, List<ErasableSlot> slots, Function<ErasableSlot, ErasableKey> first) {
        var made = new HashMap<ErasableSlot, ErasableKey>(); // a transaction that is run again makes no second one
        return transactions.in(
                tenant, sql -> ErasableRows.obtain(sql, tenant, slots, slot -> made.computeIfAbsent(slot, first)));
    }

    @Override
    public Optional<ErasableKey> findErasable(TenantId tenant, UUID id) {
        return transactions.in(tenant, sql -> ErasableRows.find(sql, tenant, id));
    }

    @Override
    public List<ErasableKey> erasableUnder(TenantId tenant, KeyUri kek, Optional<UUID> after, int limit) {
        return transactions.in(tenant, sql -> ErasableRows.under(sql, tenant, kek, after, limit));
    }

    @Override
    public int rewrap(TenantId tenant, List<Rewrap> keys) {
        return transactions.in(tenant, sql -> ErasableRows.rewrap(sql, tenant, keys));
    }

    @Override
    public List<UUID> destroy(ErasableSlot slot, int throughVersion, Instant at) {
        return transactions.in(slot.tenant(), sql -> ErasableRows.destroy(sql, slot, throughVersion, at));
    }

    @Override
    public int destroyedThrough(ErasableSlot slot) {
        return transactions.in(slot.tenant(), sql -> ErasableRows.destroyedThrough(sql, slot));
    }

    @Override
    public int insertAll(TenantId tenant, List<ErasableKey> keys) {
        return transactions.in(tenant, sql -> ErasableRows.insertAll(sql, keys));
    }

    @Override
    public List<DestroyedMark> destroyedMarks(TenantId tenant, Optional<ErasableSlot> after, int limit) {
        return transactions.in(tenant, sql -> ErasableRows.destroyedMarks(sql, tenant, after, limit));
    }

    @Override
    public Map<KeyUri, Long> countErasable(TenantId tenant) {
        return transactions.in(tenant, sql -> ErasableRows.count(sql, tenant));
    }

    @Override
    public KeyFloor floor(KeySlot slot) {
        return transactions.in(slot.tenant(), sql -> KeyLifeRows.floor(sql, slot));
    }

    @Override
    public void raiseFloor(KeySlot slot, int opensFrom) {
        transactions.run(slot.tenant(), sql -> {
            KeyLifeRows.opensFrom(sql, slot, opensFrom);
            KeyLifeRows.changed(sql, slot.tenant());
        });
    }

    @Override
    public boolean changeState(KeyRecord row, KeyState to) {
        return transactions.in(row.slot().tenant(), sql -> {
            int changed = sql.update(
                    "UPDATE sotto.key_record SET state = ? WHERE tenant_id = ? AND id = ? AND state = ?",
                    to,
                    row.slot().tenant().value(),
                    row.id(),
                    row.state());
            if (changed > 0) {
                KeyLifeRows.changed(sql, row.slot().tenant());
            }
            return changed > 0;
        });
    }

    @Override
    public boolean destroy(KeyRecord row) {
        return transactions.in(row.slot().tenant(), sql -> {
            int changed = sql.update(
                    "UPDATE sotto.key_record SET state = 'DESTROYED', wrapped = '\\x00'"
                            + " WHERE tenant_id = ? AND id = ?",
                    row.slot().tenant().value(),
                    row.id());
            if (changed > 0) {
                KeyLifeRows.changed(sql, row.slot().tenant());
            }
            return changed > 0;
        });
    }

    @Override
    public boolean rewrap(KeyRecord row, WrappedKey to) {
        return transactions.in(
                        row.slot().tenant(),
                        sql -> sql.update(
                                "UPDATE sotto.key_record SET kek = ?, wrapped = ?"
                                        + " WHERE tenant_id = ? AND id = ? AND kek = ? AND wrapped = ?",
                                to.kek().text(),
                                to.bytes(),
                                row.slot().tenant().value(),
                                row.id(),
                                row.wrapped().kek().text(),
                                row.wrapped().bytes()))
                > 0;
    }

    @Override
    public long stateEpoch() {
        return transactions
                .in(TenantId.OPERATOR, KeyLifeRows::epoch)
                .orElseThrow(() -> new UnavailableException(
                        KeysError.KEY_STATE_UNREADABLE, "the row of the key state is not there"));
    }

    @Override
    public List<TenantId> changedSince(long epoch) {
        return transactions.lookup(sql -> sql.list(
                row -> new TenantId(row.id("tenant_id")), "SELECT tenant_id FROM sotto.keys_changed_since(?)", epoch));
    }

    @Override
    public void addUse(TenantId tenant, Map<UUID, KeyUse> uses, Instant at) {
        transactions.run(tenant, sql -> KeyLifeRows.addUse(sql, tenant, uses, at));
    }

    @Override
    public Map<UUID, KeyUse> uses(TenantId tenant) {
        return transactions.in(tenant, sql -> KeyLifeRows.uses(sql, tenant));
    }

    @Override
    public void request(DestructionRequest request) {
        transactions.run(request.tenant(), sql -> KeyLifeRows.request(sql, request));
    }

    @Override
    public Optional<Destruction> destruction(TenantId tenant, UUID id) {
        return transactions.in(tenant, sql -> KeyLifeRows.destruction(sql, tenant, id));
    }

    @Override
    public List<Destruction> destructions(TenantId tenant) {
        return transactions.in(tenant, sql -> KeyLifeRows.destructions(sql, tenant));
    }

    @Override
    public boolean certify(TenantId tenant, UUID id, String certificate) {
        return transactions.in(tenant, sql -> KeyLifeRows.certify(sql, tenant, id, certificate));
    }

    private static KeyRecord keyRecord(Sql.Row row) throws SQLException {
        var slot = new KeySlot(
                new TenantId(row.id("tenant_id")),
                KeyLevel.ofCode(row.text("level")),
                row.text("name"),
                KeyTier.ofCode(row.text("tier")));
        return new KeyRecord(
                row.id("id"),
                slot,
                row.integer("version"),
                Codes.of(KeyState.class, row.text("state")),
                row.text("algorithm"),
                wrapped(row),
                row.instant("created_at"));
    }

    static WrappedKey wrapped(Sql.Row row) throws SQLException {
        return WrappedKey.of(new KeyUri(row.text("kek")), row.bytes("wrapped"));
    }
}
