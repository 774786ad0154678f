package dev.sotto.store;

import dev.sotto.core.ActorId;
import dev.sotto.core.AuditEvent;
import dev.sotto.core.CallId;
import dev.sotto.core.NoticeId;
import dev.sotto.core.TenantId;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.Stream;

/// Deliveries on their way, for whoever sends them. Several nodes may work on it at once: a delivery is claimed by one
/// of them, for a time. Thread-safe; blocks on the database and the audit log.
public final class Outbox {
    private static final Duration KEPT = Duration.ofDays(30);
    private static final int MOST_KEPT = 10_000;
    private static final int AT_ONCE = 500;
    private static final int MAX_ERROR = 64;

    private final Rows rows;

    Outbox(Rows rows) {
        this.rows = rows;
    }

    /// A delivery found before its tenant was known.
    public record Due(TenantId tenant, NoticeId notice) {
        private static Due of(Sql.Row row) throws SQLException {
            return new Due(new TenantId(row.id("tenant_id")), new NoticeId(row.id("notice_id")));
        }
    }

    /// What was not sent, or not yet.
    ///
    /// @param oldest when the delivery that waits longest was asked for
    /// @param unsent denied or given up
    public record Backlog(long waiting, Optional<Instant> oldest, long unsent) {
        private Backlog plus(Backlog other) {
            var first =
                    Stream.of(oldest, other.oldest()).flatMap(Optional::stream).min(Comparator.naturalOrder());
            return new Backlog(waiting + other.waiting(), first, unsent + other.unsent());
        }
    }

    /// Deliveries to an endpoint whose time has come, the longest due first.
    ///
    /// @param limit 1 to 200
    public List<Due> due(String endpoint, Instant now, int limit) {
        int most = Fields.limit(limit, 200);
        return rows.transactions()
                .lookup(sql -> sql.list(
                        Due::of,
                        "SELECT tenant_id, notice_id FROM sotto.deliveries_due(?, ?, ?)",
                        endpoint,
                        now,
                        most));
    }

    /// Takes a delivery until `until`, unless another node was first.
    public Optional<ClaimedDelivery> claim(Due due, String endpoint, String nodeId, Instant now, Instant until) {
        return rows.transactions()
                .in(
                        due.tenant(),
                        sql -> sql.first(
                                Outbox::claimed,
                                "WITH taken AS (UPDATE sotto.delivery SET attempts = attempts + 1, last_attempt_at = ?,"
                                        + " next_attempt_at = ?, claimed_by = ? WHERE (tenant_id, notice_id, endpoint)"
                                        + " IN (SELECT tenant_id, notice_id, endpoint FROM sotto.delivery"
                                        + " WHERE tenant_id = ? AND notice_id = ? AND endpoint = ?"
                                        + " AND state = 'WAITING' AND next_attempt_at <= ? FOR UPDATE SKIP LOCKED)"
                                        + " RETURNING tenant_id, notice_id, endpoint, attempts, created_at, expires_at)"
                                        + " SELECT n.tenant_id, n.id, n.type, n.call_id, n.happened_at, n.occurrences,"
                                        + " n.details, t.endpoint, t.attempts, t.created_at, t.expires_at FROM taken t"
                                        + " JOIN sotto.notice n ON n.tenant_id = t.tenant_id AND n.id = t.notice_id",
                                now,
                                until,
                                nodeId,
                                due.tenant().value(),
                                due.notice().value(),
                                endpoint,
                                now));
    }

    /// Notes that the endpoint took it. Audited `notice.sent`. False if the claim was over and somebody else has it.
    public boolean sent(ClaimedDelivery delivery) {
        return settle(delivery, DeliveryState.SENT, "", "notice.sent");
    }

    /// Notes that it cannot be sent as things are. Audited `notice.given_up` with the reason.
    ///
    /// @param denied whether register or policy do not allow it
    /// @param error a code
    public boolean giveUp(ClaimedDelivery delivery, boolean denied, String error) {
        return settle(delivery, denied ? DeliveryState.DENIED : DeliveryState.FAILED, error, "notice.given_up");
    }

    private boolean settle(ClaimedDelivery delivery, DeliveryState state, String error, String type) {
        return rows.transactions().in(delivery.tenant(), sql -> {
            int changed = sql.update(
                    "UPDATE sotto.delivery SET state = ?, next_attempt_at = NULL, finished_at = ?, claimed_by = NULL,"
                            + " last_error = nullif(?, '') WHERE tenant_id = ? AND notice_id = ? AND endpoint = ?"
                            + " AND state = 'WAITING' AND attempts = ?",
                    state,
                    rows.now(),
                    shortened(error),
                    delivery.tenant().value(),
                    delivery.notice().value(),
                    delivery.endpoint(),
                    delivery.attempt());
            if (changed > 0) {
                var event = event(delivery.call(), rows.ledger().node(), type, delivery.notice())
                        .tenant(delivery.tenant())
                        .detail("type", delivery.type().code())
                        .detail("endpoint", delivery.endpoint())
                        .detail("attempts", delivery.attempt());
                rows.ledger().append(error.isEmpty() ? event : event.detail("reason", shortened(error)));
            }
            return changed > 0;
        });
    }

    /// Notes when to try again.
    public boolean retry(ClaimedDelivery delivery, Instant at, String error) {
        return rows.transactions()
                .in(
                        delivery.tenant(),
                        sql -> sql.update(
                                        "UPDATE sotto.delivery SET next_attempt_at = ?, claimed_by = NULL, last_error = ?"
                                                + " WHERE tenant_id = ? AND notice_id = ? AND endpoint = ?"
                                                + " AND state = 'WAITING' AND attempts = ?",
                                        at,
                                        shortened(error),
                                        delivery.tenant().value(),
                                        delivery.notice().value(),
                                        delivery.endpoint(),
                                        delivery.attempt())
                                > 0);
    }

    /// Makes due what this node had claimed when it died. Run at the start, before anything is claimed. Returns how
    /// many.
    public int releaseClaims(String nodeId, Instant now) {
        List<Due> held = rows.transactions()
                .lookup(sql ->
                        sql.list(Due::of, "SELECT tenant_id, notice_id FROM sotto.deliveries_claimed_by(?)", nodeId));
        for (Due each : held) {
            rows.transactions()
                    .run(
                            each.tenant(),
                            sql -> sql.update(
                                    "UPDATE sotto.delivery SET next_attempt_at = ?, claimed_by = NULL"
                                            + " WHERE tenant_id = ? AND notice_id = ? AND state = 'WAITING'"
                                            + " AND claimed_by = ?",
                                    now,
                                    each.tenant().value(),
                                    each.notice().value(),
                                    nodeId));
        }
        return held.size();
    }

    /// Gives up what nobody claims any more although its time is over, such as what was meant for an endpoint that
    /// was taken out of the configuration, and forgets what is older than 30 days or beyond 10,000 notices of a
    /// tenant. 500 rows a tenant and call at most.
    public void tidy(TenantId tenant, Instant now) {
        rows.transactions().run(tenant, sql -> {
            List<UUID> expired = sql.list(
                    row -> row.id("notice_id"),
                    "UPDATE sotto.delivery SET state = 'FAILED', next_attempt_at = NULL, finished_at = ?,"
                            + " claimed_by = NULL, last_error = coalesce(last_error, 'EXPIRED')"
                            + " WHERE (tenant_id, notice_id, endpoint) IN (SELECT tenant_id, notice_id, endpoint"
                            + " FROM sotto.delivery WHERE tenant_id = ? AND state = 'WAITING' AND expires_at < ?"
                            + " AND next_attempt_at < ? LIMIT ? FOR UPDATE SKIP LOCKED) RETURNING notice_id",
                    now,
                    tenant.value(),
                    now,
                    now,
                    AT_ONCE);
            if (!expired.isEmpty()) {
                rows.ledger()
                        .append(rows.ledger()
                                .event("notice.given_up", tenant)
                                .resource("notice", new NoticeId(expired.getFirst()))
                                .detail("deliveries", expired.size())
                                .detail("reason", "EXPIRED"));
            }
            sql.update(
                    "DELETE FROM sotto.notice WHERE tenant_id = ? AND id IN (SELECT n.id FROM sotto.notice n"
                            + " WHERE n.tenant_id = ? AND (n.created_at < ? OR n.id <= (SELECT id FROM sotto.notice"
                            + " WHERE tenant_id = ? ORDER BY id DESC OFFSET ? LIMIT 1)) AND NOT EXISTS (SELECT 1"
                            + " FROM sotto.delivery d WHERE d.tenant_id = n.tenant_id AND d.notice_id = n.id"
                            + " AND d.state = 'WAITING') ORDER BY n.id LIMIT ?)",
                    tenant.value(),
                    tenant.value(),
                    now.minus(KEPT),
                    tenant.value(),
                    MOST_KEPT,
                    AT_ONCE);
        });
    }

    public Backlog backlog() {
        var all = new Backlog(0, Optional.empty(), 0);
        for (TenantId tenant : rows.transactions()
                .lookup(sql -> sql.list(
                        row -> new TenantId(row.id("tenant_id")),
                        "SELECT tenant_id FROM sotto.tenants_with_unsent()"))) {
            all = all.plus(rows.transactions().in(tenant, sql -> backlog(sql, tenant)));
        }
        return all;
    }

    static Backlog backlog(Sql sql, TenantId tenant) throws SQLException {
        return sql.first(
                        row -> new Backlog(row.number("waiting"), row.optionalInstant("oldest"), row.number("unsent")),
                        "SELECT count(*) FILTER (WHERE state = 'WAITING') AS waiting,"
                                + " min(created_at) FILTER (WHERE state = 'WAITING') AS oldest,"
                                + " count(*) FILTER (WHERE state <> 'WAITING') AS unsent FROM sotto.delivery"
                                + " WHERE tenant_id = ? AND state IN ('WAITING', 'DENIED', 'FAILED')",
                        tenant.value())
                .orElseThrow();
    }

    /// An entry about a notice: filed under its call if it has one.
    static AuditEvent.Builder event(Optional<CallId> call, ActorId actor, String type, NoticeId notice) {
        return new Acting(actor, call).event(type, "notice", notice);
    }

    private static String shortened(String error) {
        return error.length() <= MAX_ERROR ? error : error.substring(0, MAX_ERROR);
    }

    private static ClaimedDelivery claimed(Sql.Row row) throws SQLException {
        return new ClaimedDelivery(
                new TenantId(row.id("tenant_id")),
                new NoticeId(row.id("id")),
                row.text("endpoint"),
                row.integer("attempts"),
                NoticeType.ofCode(row.text("type")),
                row.optionalId("call_id").map(CallId::new),
                row.instant("happened_at"),
                row.integer("occurrences"),
                NewNotice.detailsOf(row.text("details")),
                row.instant("created_at"),
                row.instant("expires_at"));
    }
}
