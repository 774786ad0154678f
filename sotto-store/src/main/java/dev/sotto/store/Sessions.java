package dev.sotto.store;

import dev.sotto.core.ActorId;
import dev.sotto.core.AuditEvent;
import dev.sotto.core.NotFoundException;
import dev.sotto.core.TenantId;
import dev.sotto.core.UserId;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/// Sessions of signed-in staff, one a user. Tokens are kept as SHA-256 hashes only. Thread-safe; blocks on the
/// database and the audit log.
final class Sessions {
    /// A session is noted as used at most this often, so that not every request writes.
    private static final Duration NOTED_EVERY = Duration.ofSeconds(15);

    private final Rows rows;

    Sessions(Rows rows) {
        this.rows = rows;
    }

    /// Begins a session; the user's earlier one ends. Audited `staff.session_started`.
    ///
    /// @param tokenHash SHA-256 of the session token, 32 bytes
    /// @param idle how long it lives unused, in whole seconds
    /// @param longest how long it lives at most
    /// @throws dev.sotto.core.NotFoundException if the tenant has no such user
    StaffSession start(TenantId tenant, UserId user, byte[] tokenHash, Duration idle, Duration longest, Instant now) {
        Fields.hash("tokenHash", tokenHash);
        return rows.transactions().in(tenant, sql -> {
            requireUser(sql, tenant, user);
            sql.update(
                    "INSERT INTO sotto.staff_session (tenant_id, user_id, token_hash, started_at, seen_at, idle_seconds,"
                            + " ends_at) VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (tenant_id, user_id) DO UPDATE"
                            + " SET token_hash = excluded.token_hash, started_at = excluded.started_at,"
                            + " seen_at = excluded.seen_at, idle_seconds = excluded.idle_seconds,"
                            + " ends_at = excluded.ends_at",
                    tenant.value(),
                    user.value(),
                    tokenHash,
                    now,
                    now,
                    (int) idle.toSeconds(),
                    now.plus(longest));
            rows.ledger().append(event("staff.session_started", tenant, user));
            return read(sql, tenant, tokenHash).orElseThrow().session();
        });
    }

    private static void requireUser(Sql sql, TenantId tenant, UserId user) throws SQLException {
        var found = sql.first(
                row -> row.id("id"),
                "SELECT id FROM sotto.staff_user WHERE tenant_id = ? AND id = ?",
                tenant.value(),
                user.value());
        if (found.isEmpty()) {
            throw new NotFoundException(StoreError.NO_SUCH_ROW, "there is no such user");
        }
    }

    /// The live session of a token, whose idle time starts again. Empty if there is none or it ended.
    Optional<StaffSession> find(byte[] tokenHash, Instant now) {
        Fields.hash("tokenHash", tokenHash);
        return tenantOf(tokenHash)
                .flatMap(tenant -> rows.transactions().in(tenant, sql -> {
                    var found = read(sql, tenant, tokenHash)
                            .filter(row -> row.session().idleUntil().isAfter(now)
                                    && row.session().endsAt().isAfter(now));
                    if (found.isPresent()
                            && found.get().seenAt().plus(NOTED_EVERY).isBefore(now)) {
                        sql.update(
                                "UPDATE sotto.staff_session SET seen_at = ? WHERE tenant_id = ? AND token_hash = ?",
                                now,
                                tenant.value(),
                                tokenHash);
                        found = read(sql, tenant, tokenHash);
                    }
                    return found.map(SeenSession::session);
                }));
    }

    /// Ends a session if it lives. Audited `staff.session_ended`.
    void end(byte[] tokenHash) {
        Fields.hash("tokenHash", tokenHash);
        tenantOf(tokenHash)
                .ifPresent(tenant -> rows.transactions().run(tenant, sql -> {
                    var user = sql.first(
                            row -> new UserId(row.id("user_id")),
                            "DELETE FROM sotto.staff_session WHERE tenant_id = ? AND token_hash = ? RETURNING user_id",
                            tenant.value(),
                            tokenHash);
                    if (user.isPresent()) {
                        rows.ledger().append(event("staff.session_ended", tenant, user.get()));
                    }
                }));
    }

    private Optional<TenantId> tenantOf(byte[] tokenHash) {
        return rows.transactions()
                .lookup(sql -> sql.first(
                        row -> new TenantId(row.id("tenant_id")),
                        "SELECT tenant_id FROM sotto.staff_of_session(?)",
                        tokenHash));
    }

    private record SeenSession(StaffSession session, Instant seenAt) {}

    private static Optional<SeenSession> read(Sql sql, TenantId tenant, byte[] tokenHash) throws SQLException {
        return sql.first(
                row -> {
                    var seen = row.instant("seen_at");
                    var session = new StaffSession(
                            tenant,
                            new UserId(row.id("user_id")),
                            Codes.of(StaffRole.class, row.text("role")),
                            row.instant("started_at"),
                            seen.plusSeconds(row.integer("idle_seconds")),
                            row.instant("ends_at"));
                    return new SeenSession(session, seen);
                },
                "SELECT s.user_id, s.started_at, s.seen_at, s.idle_seconds, s.ends_at, u.role FROM sotto.staff_session s"
                        + " JOIN sotto.staff_user u ON u.tenant_id = s.tenant_id AND u.id = s.user_id"
                        + " WHERE s.tenant_id = ? AND s.token_hash = ?",
                tenant.value(),
                tokenHash);
    }

    private static AuditEvent.Builder event(String type, TenantId tenant, UserId user) {
        return Acting.as(new ActorId(ActorId.Kind.USER, user.toString()))
                .event(type, "user", user)
                .tenant(tenant);
    }
}
