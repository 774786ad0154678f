package dev.sotto.store;

import dev.sotto.core.TenantId;
import java.sql.SQLException;
import java.util.UUID;

/// The columns of persons that say under which key an index is. Each has a database index of its own, so that the
/// questions here touch a few pages however many rows there are.
enum IndexColumn {
    BIRTH_PHONE("birth_phone_key"),
    NAME_BIRTH("name_birth_key");

    private final String others;
    private final String unnamed;

    IndexColumn(String column) {
        String rows = "EXISTS (SELECT 1 FROM sotto.subject s WHERE s.tenant_id = k.tenant AND s." + column;
        others = "SELECT " + rows + " < k.low) OR " + rows + " > k.high) OR " + rows + " > k.low AND s." + column
                + " < k.high) AS others FROM (SELECT ?::uuid AS tenant, least(?::uuid, ?::uuid) AS low,"
                + " greatest(?::uuid, ?::uuid) AS high) k";
        unnamed = "SELECT " + rows + " IS NULL) AS unnamed FROM (SELECT ?::uuid AS tenant) k";
    }

    /// Whether there are rows under other keys than these one or two. Rows of before there were versions do not count:
    /// they are under the first.
    boolean othersThan(Sql sql, TenantId tenant, UUID[] keys) throws SQLException {
        UUID first = keys[0];
        UUID last = keys[keys.length - 1];
        return sql.first(row -> row.flag("others"), others, tenant.value(), first, last, first, last)
                .orElseThrow();
    }

    /// Whether there are rows that are not under this key, or do not say.
    boolean behind(Sql sql, TenantId tenant, UUID key) throws SQLException {
        return othersThan(sql, tenant, new UUID[] {key})
                || sql.first(row -> row.flag("unnamed"), unnamed, tenant.value())
                        .orElseThrow();
    }
}
