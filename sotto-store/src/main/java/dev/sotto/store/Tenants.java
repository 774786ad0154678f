package dev.sotto.store;

import dev.sotto.core.ConflictException;
import dev.sotto.core.TenantId;
import dev.sotto.keys.KeyService;
import java.sql.SQLException;
import java.time.DateTimeException;
import java.time.ZoneId;
import java.util.List;
import java.util.Optional;

/// The businesses on this installation. Thread-safe; blocks on the database.
public final class Tenants {
    private final Rows rows;
    private final KeyService keys;

    Tenants(Rows rows, KeyService keys) {
        this.rows = rows;
        this.keys = keys;
    }

    /// Makes the tenant's keys, then its row. Audited `tenant.created`.
    ///
    /// @throws dev.sotto.core.ConflictException if its id or inbound number is taken
    public void create(Tenant tenant) {
        if (tenant.id().equals(TenantId.OPERATOR)) {
            throw Fields.rejected("the operator's id cannot be a business's");
        }
        if (byInboundNumber(tenant.inboundNumber()).isPresent()) {
            throw new ConflictException(StoreError.ALREADY_EXISTS, "inboundNumber is another tenant's");
        }
        keys.createTenant(tenant.id());
        rows.transactions().run(tenant.id(), sql -> {
            sql.update(
                    "INSERT INTO sotto.tenant (id, name, vertical, zone, recording, transfer_number, inbound_number,"
                            + " created_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                    tenant.id().value(),
                    tenant.name(),
                    tenant.vertical(),
                    tenant.zone().getId(),
                    tenant.recording(),
                    tenant.transferNumber().orElse(null),
                    tenant.inboundNumber(),
                    rows.now());
            rows.ledger()
                    .append(rows.ledger()
                            .event("tenant.created", tenant.id())
                            .resource("tenant", tenant.id())
                            .detail("vertical", tenant.vertical())
                            .detail("recording", tenant.recording()));
        });
    }

    public Optional<Tenant> find(TenantId id) {
        return rows.transactions().in(id, sql -> find(sql, id));
    }

    static Optional<Tenant> find(Sql sql, TenantId id) throws SQLException {
        return sql.first(
                Tenants::tenant,
                "SELECT id, name, vertical, zone, recording, transfer_number, inbound_number FROM sotto.tenant"
                        + " WHERE id = ?",
                id.value());
    }

    /// Whose number callers dialled.
    public Optional<Tenant> byInboundNumber(String e164) {
        return rows.transactions()
                .lookup(sql -> sql.first(
                        row -> new TenantId(row.id("tenant_id")),
                        "SELECT tenant_id FROM sotto.tenant_of_number(?)",
                        e164))
                .flatMap(this::find);
    }

    /// Every business, oldest first.
    public List<Tenant> all() {
        return rows
                .transactions()
                .lookup(sql ->
                        sql.list(row -> new TenantId(row.id("tenant_id")), "SELECT tenant_id FROM sotto.tenants()"))
                .stream()
                .flatMap(id -> find(id).stream())
                .toList();
    }

    private static Tenant tenant(Sql.Row row) throws SQLException {
        return new Tenant(
                new TenantId(row.id("id")),
                row.text("name"),
                row.text("vertical"),
                zone(row.text("zone")),
                row.flag("recording"),
                row.optionalText("transfer_number"),
                row.text("inbound_number"));
    }

    static ZoneId zone(String id) throws SQLException {
        try {
            return ZoneId.of(id);
        } catch (DateTimeException e) {
            throw new SQLException("column (zone) holds no time zone", "22023", e);
        }
    }
}
