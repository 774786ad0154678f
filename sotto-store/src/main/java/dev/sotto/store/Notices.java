package dev.sotto.store;

import static java.util.Objects.requireNonNull;

import dev.sotto.core.ActorId;
import dev.sotto.core.CallId;
import dev.sotto.core.Meter;
import dev.sotto.core.NotFoundException;
import dev.sotto.core.NoticeId;
import dev.sotto.core.TenantId;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// What is to be told outside, kept in the transaction of what it tells of. Bounded: a tenant has at most 5,000
/// deliveries waiting and 1,000 more for alerts; what comes after is counted as `store.notice.dropped` and not kept.
/// Thread-safe; blocks on the database.
public final class Notices {
    static final int MOST_WAITING = 5_000;
    static final int MORE_FOR_ALERTS = 1_000;

    private static final Logger LOG = LoggerFactory.getLogger(Notices.class);
    private static final Duration DEFAULT_LIFE = Duration.ofDays(3);
    private static final UUID LAST = new UUID(-1, -1);
    private static final String COLUMNS =
            "n.tenant_id, n.id, n.type, n.call_id, n.happened_at, n.occurrences, n.details";
    private static final String DELIVERY_COLUMNS =
            "notice_id, endpoint, state, attempts, last_attempt_at," + " next_attempt_at, last_error, finished_at";

    private final Rows rows;
    private final Meter meter;
    private volatile Audience audience = new Audience(List.of(), DEFAULT_LIFE, _ -> {}, () -> {});

    Notices(Rows rows, Meter meter) {
        this.rows = rows;
        this.meter = meter;
    }

    /// Is told of lock-outs. Must not block.
    @FunctionalInterface
    public interface LockListener {
        void locked(Lock lock);

        /// There were too many identity attempts.
        record Lock(TenantId tenant, CallId call, Identification.Scope scope, Instant at) {}
    }

    /// Who is told, and how.
    ///
    /// @param life how long a delivery is tried
    /// @param onLock is told of lock-outs
    /// @param onRaised is told that there is something to send, perhaps before it is committed; must not block
    public record Audience(List<Subscription> subscriptions, Duration life, LockListener onLock, Runnable onRaised) {
        public Audience {
            subscriptions = List.copyOf(subscriptions);
            requireNonNull(life, "life");
            requireNonNull(onLock, "onLock");
            requireNonNull(onRaised, "onRaised");
        }
    }

    /// From now on these are told. Nobody is before.
    public void tell(Audience other) {
        audience = requireNonNull(other, "other");
    }

    /// Keeps a notice in a transaction of its own.
    ///
    /// @throws dev.sotto.core.UnavailableException if the database does not answer
    public void raise(NewNotice notice) {
        rows.transactions().run(notice.tenant(), sql -> raise(sql, notice));
    }

    /// Keeps a notice together with what it tells of. An alert is kept even if nobody is told, so that it can be seen.
    void raise(Sql sql, NewNotice notice) throws SQLException {
        Audience now = audience;
        List<Subscription> told = now.subscriptions().stream()
                .filter(subscription -> subscription.wants(notice))
                .toList();
        boolean alert = notice.type().isAlert();
        if (told.isEmpty() && !alert) {
            return;
        }
        if (isFull(sql, notice.tenant(), alert)) {
            meter.count("store.notice.dropped");
            LOG.atWarn()
                    .addKeyValue("event", "store.notice.dropped")
                    .addKeyValue("tenant", notice.tenant())
                    .addKeyValue("type", notice.type().code())
                    .log("too many deliveries wait: a notice is not kept");
            return;
        }
        UUID id = rows.ids().next();
        Instant at = rows.now();
        sql.update(
                "INSERT INTO sotto.notice (tenant_id, id, type, call_id, happened_at, occurrences, details, created_at)"
                        + " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                notice.tenant().value(),
                id,
                notice.type().code(),
                notice.call().map(CallId::value).orElse(null),
                notice.happenedAt(),
                notice.occurrences(),
                notice.lines(),
                at);
        for (Subscription subscription : told) {
            sql.update(
                    "INSERT INTO sotto.delivery (tenant_id, notice_id, endpoint, state, created_at, expires_at,"
                            + " next_attempt_at) VALUES (?, ?, ?, 'WAITING', ?, ?, ?)",
                    notice.tenant().value(),
                    id,
                    subscription.endpoint(),
                    at,
                    at.plus(now.life()),
                    at);
        }
        now.onRaised().run();
    }

    private static boolean isFull(Sql sql, TenantId tenant, boolean alert) throws SQLException {
        int most = MOST_WAITING + (alert ? MORE_FOR_ALERTS : 0);
        return sql.first(
                                row -> row.number("waiting"),
                                "SELECT count(*) AS waiting FROM (SELECT 1 FROM sotto.delivery WHERE tenant_id = ?"
                                        + " AND state = 'WAITING' LIMIT ?) AS found",
                                tenant.value(),
                                most)
                        .orElse(0L)
                >= most;
    }

    void locked(TenantId tenant, CallId call, Identification.Scope scope, Instant at) {
        audience.onLock().locked(new LockListener.Lock(tenant, call, scope, at));
    }

    /// The newest notices first.
    ///
    /// @param before only notices older than this one
    /// @param state only notices with a delivery in this state
    /// @param limit 1 to 200
    public List<Notice> list(TenantId tenant, Optional<NoticeId> before, Optional<DeliveryState> state, int limit) {
        int most = Fields.limit(limit, 200);
        return rows.transactions().in(tenant, sql -> {
            List<Notice> page = sql.list(
                    Notices::notice,
                    "SELECT " + COLUMNS + " FROM sotto.notice n WHERE n.tenant_id = ? AND n.id < ?"
                            + " AND (?::text IS NULL OR EXISTS (SELECT 1 FROM sotto.delivery d"
                            + " WHERE d.tenant_id = n.tenant_id AND d.notice_id = n.id AND d.state = ?::text))"
                            + " ORDER BY n.id DESC LIMIT ?",
                    tenant.value(),
                    before.map(NoticeId::value).orElse(LAST),
                    state.map(Enum::name).orElse(null),
                    state.map(Enum::name).orElse(null),
                    most);
            return page.isEmpty() ? page : withDeliveries(sql, tenant, page);
        });
    }

    /// One notice.
    public Optional<Notice> find(TenantId tenant, NoticeId notice) {
        return rows.transactions().in(tenant, sql -> find(sql, tenant, notice));
    }

    private static Optional<Notice> find(Sql sql, TenantId tenant, NoticeId notice) throws SQLException {
        List<Notice> found = sql.list(
                Notices::notice,
                "SELECT " + COLUMNS + " FROM sotto.notice n WHERE n.tenant_id = ? AND n.id = ?",
                tenant.value(),
                notice.value());
        return found.isEmpty()
                ? Optional.empty()
                : withDeliveries(sql, tenant, found).stream().findFirst();
    }

    /// What of a tenant was not sent, or not yet.
    public Outbox.Backlog backlog(TenantId tenant) {
        return rows.transactions().in(tenant, sql -> Outbox.backlog(sql, tenant));
    }

    /// Sends what was denied or given up again, from the first attempt on and under the same id. Changes nothing if
    /// there is nothing to send again. Audited `notice.sent_again`.
    ///
    /// @param endpoint only to this one
    /// @return the notice as it stands then
    /// @throws NotFoundException if the tenant has no such notice
    public Notice sendAgain(TenantId tenant, NoticeId notice, Optional<String> endpoint, ActorId actor) {
        Audience now = audience;
        return rows.transactions().in(tenant, sql -> {
            Notice before = find(sql, tenant, notice)
                    .orElseThrow(() -> new NotFoundException(StoreError.NO_SUCH_ROW, "there is no such notice"));
            Instant at = rows.now();
            int changed = sql.update(
                    "UPDATE sotto.delivery SET state = 'WAITING', attempts = 0, next_attempt_at = ?, expires_at = ?,"
                            + " finished_at = NULL, claimed_by = NULL WHERE tenant_id = ? AND notice_id = ?"
                            + " AND state IN ('DENIED', 'FAILED') AND endpoint = coalesce(?::text, endpoint)",
                    at,
                    at.plus(now.life()),
                    tenant.value(),
                    notice.value(),
                    endpoint.orElse(null));
            if (changed == 0) {
                return before;
            }
            rows.ledger()
                    .append(Outbox.event(before.call(), actor, "notice.sent_again", notice)
                            .tenant(tenant)
                            .detail("deliveries", changed));
            now.onRaised().run();
            return find(sql, tenant, notice).orElse(before);
        });
    }

    private static List<Notice> withDeliveries(Sql sql, TenantId tenant, List<Notice> page) throws SQLException {
        record Found(UUID notice, Delivery delivery) {}
        Map<UUID, List<Delivery>> byNotice = new HashMap<>();
        for (Found found : sql.list(
                row -> new Found(row.id("notice_id"), delivery(row)),
                "SELECT " + DELIVERY_COLUMNS + " FROM sotto.delivery WHERE tenant_id = ? AND notice_id <= ?"
                        + " AND notice_id >= ? ORDER BY notice_id, endpoint",
                tenant.value(),
                page.getFirst().id().value(),
                page.getLast().id().value())) {
            byNotice.computeIfAbsent(found.notice(), _ -> new ArrayList<>()).add(found.delivery());
        }
        return page.stream()
                .map(notice -> notice.with(byNotice.getOrDefault(notice.id().value(), List.of())))
                .toList();
    }

    private static Notice notice(Sql.Row row) throws SQLException {
        return new Notice(
                new TenantId(row.id("tenant_id")),
                new NoticeId(row.id("id")),
                NoticeType.ofCode(row.text("type")),
                row.optionalId("call_id").map(CallId::new),
                row.instant("happened_at"),
                row.integer("occurrences"),
                NewNotice.detailsOf(row.text("details")),
                List.of());
    }

    private static Delivery delivery(Sql.Row row) throws SQLException {
        return new Delivery(
                row.text("endpoint"),
                Codes.of(DeliveryState.class, row.text("state")),
                row.integer("attempts"),
                row.optionalInstant("last_attempt_at"),
                row.optionalInstant("next_attempt_at"),
                row.optionalText("last_error"),
                row.optionalInstant("finished_at"));
    }
}
