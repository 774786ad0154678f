package dev.sotto.store;

import dev.sotto.core.ActorId;
import dev.sotto.core.AuditEvent;
import dev.sotto.core.CallId;
import dev.sotto.core.ConflictException;
import dev.sotto.core.DataClass;
import dev.sotto.core.ErrorCode;
import dev.sotto.core.KeyOwner;
import dev.sotto.core.NotFoundException;
import dev.sotto.core.SensitiveText;
import dev.sotto.core.SubjectId;
import dev.sotto.core.TenantId;
import dev.sotto.keys.RecordContext;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;

/// Calls and how far they have come. Each change is audited before it is committed. Thread-safe; blocks on the
/// database and the audit log.
public final class Calls {
    private static final long VERSION = 1; // of a new call; it counts how often the caller's number was sealed
    private static final String COLUMNS =
            "tenant_id, id, carrier_call_id, state, offered_at, started_at, announced_at, ended_at, outcome,"
                    + " recording_announced, subject_id, mode, node_id, turn_count, channel, served,"
                    + " handed_over_at";

    /// What is sealed as rows of a call after its announcement. Not what is sealed as a file: a key that no file uses
    /// would stay under an exposed class key, because only the keys of rows are looked after there.
    private static final Set<DataClass> LATER = Set.of(DataClass.TRANSCRIPT, DataClass.SUMMARY, DataClass.ANALYTICS);

    private static final String LENGTH = "extract(epoch FROM ended_at - started_at) * 1000";
    /// How far the clock that made an id may be from the one that noted the time.
    private static final Duration CLOCKS_APART = Duration.ofMinutes(1);
    private static final long MAX_ID_MILLIS = (1L << 48) - 1;
    private static final UUID FIRST = new UUID(0, 0);
    private static final UUID LAST = new UUID(-1, -1);

    private final Rows rows;
    private final Notices notices;

    Calls(Rows rows, Notices notices) {
        this.rows = rows;
        this.notices = notices;
    }

    /// Keeps a call the carrier offers. Audited `call.offered`.
    ///
    /// @throws dev.sotto.core.ConflictException if the carrier's call id was seen before
    public CallRecord offer(NewCall call) {
        return rows.keep(call.tenant(), () -> {
            Sealed from = rows.seals().seal(place(call.tenant(), call.id(), VERSION), "from", call.from());
            return sql -> insert(sql, call, from);
        });
    }

    private CallRecord insert(Sql sql, NewCall call, Sealed from) throws SQLException {
        var record = sql.first(
                        Calls::callRecord,
                        "INSERT INTO sotto.call (tenant_id, id, carrier_call_id, state, mode, offered_at,"
                                + " token_hash, token_expires, from_sealed, channel, version)"
                                + " VALUES (?, ?, ?, 'OFFERED', ?, ?, ?, ?, ?, ?, ?) RETURNING " + COLUMNS,
                        call.tenant().value(),
                        call.id().value(),
                        call.carrierCallId(),
                        call.mode(),
                        rows.now(),
                        HexFormat.of().parseHex(call.tokenHash()),
                        call.tokenExpires(),
                        from,
                        call.channel(),
                        VERSION)
                .orElseThrow();
        rows.ledger()
                .append(event("call.offered", call.tenant(), call.id())
                        .detail("mode", call.mode())
                        .detail("channel", call.channel())
                        .detail("digest", from.digest()));
        return record;
    }

    /// Connects the stream of an offered call to a node; a token connects once. Empty if the token is wrong, used or
    /// expired. Audited `call.started`.
    ///
    /// @param tokenHash SHA-256 of the token, 32 bytes
    public Optional<CallRecord> connect(TenantId tenant, CallId call, byte[] tokenHash, String nodeId, Instant now) {
        Fields.hash("tokenHash", tokenHash);
        return change(
                tenant,
                event("call.started", tenant, call).detail("node", nodeId),
                "UPDATE sotto.call SET state = 'CONNECTED', started_at = coalesce(started_at, ?), node_id = ?,"
                        + " token_hash = NULL, token_expires = NULL WHERE tenant_id = ? AND id = ?"
                        + " AND state = 'OFFERED' AND token_hash = ? AND token_expires > ? RETURNING " + COLUMNS,
                now,
                nodeId,
                tenant.value(),
                call.value(),
                tokenHash,
                now);
    }

    /// Notes that the caller is about to be told what answers, and whether the call is recorded. Audited
    /// `call.announced`: no audio may be kept before this returned.
    ///
    /// @param served what answers, such as `strict`; a call that was handed over already stays so
    /// @throws dev.sotto.core.ConflictException if the call is not connected
    public void announce(TenantId tenant, CallId call, boolean recorded, String served, Instant now) {
        Fields.code("served", served);
        var changed = change(
                tenant,
                event("call.announced", tenant, call)
                        .detail("recorded", recorded)
                        .detail("served", served),
                "UPDATE sotto.call SET announced_at = ?, recording_announced = ?, served = coalesce(served, ?)"
                        + " WHERE tenant_id = ? AND id = ? AND state = 'CONNECTED' RETURNING " + COLUMNS,
                now,
                recorded,
                served,
                tenant.value(),
                call.value());
        if (changed.isEmpty()) {
            throw notConnected();
        }
        rows.seals().prepare(tenant, new KeyOwner.OfCall(call), LATER); // together, not one by one as they are needed
    }

    /// Notes that a model is lost to a call and the receptionist answers from now on. The first time stands: false if
    /// it was handed over before, and nothing changed. Audited `call.handed_over`.
    ///
    /// @param code of the failure that lost the model
    /// @throws dev.sotto.core.ConflictException if the call is not connected
    public boolean handedOver(TenantId tenant, CallId call, ErrorCode code, Instant now) {
        var changed = change(
                tenant,
                event("call.handed_over", tenant, call)
                        .detail("to", CallRecord.RECEPTIONIST)
                        .detail("code", code.name()),
                "UPDATE sotto.call SET served = ?, handed_over_at = ? WHERE tenant_id = ? AND id = ?"
                        + " AND state = 'CONNECTED' AND handed_over_at IS NULL RETURNING " + COLUMNS,
                CallRecord.RECEPTIONIST,
                now,
                tenant.value(),
                call.value());
        if (changed.isEmpty()
                && find(tenant, call)
                        .filter(record -> record.state() == CallState.CONNECTED)
                        .isEmpty()) {
            throw notConnected();
        }
        return changed.isPresent();
    }

    /// Notes who the caller was verified to be. Audited `call.verified`.
    ///
    /// @throws dev.sotto.core.ConflictException if the call is not connected
    public void verified(TenantId tenant, CallId call, SubjectId subject) {
        var changed = change(
                tenant,
                event("call.verified", tenant, call).subjectHash(rows.ledger().hash(tenant, subject)),
                "UPDATE sotto.call SET subject_id = ? WHERE tenant_id = ? AND id = ? AND state = 'CONNECTED'"
                        + " RETURNING " + COLUMNS,
                subject.value(),
                tenant.value(),
                call.value());
        if (changed.isEmpty()) {
            throw notConnected();
        }
    }

    /// Ends a call. The first outcome stands: false if it had ended before, and nothing changed. Audited
    /// `call.ended`.
    public boolean setOutcome(TenantId tenant, CallId call, CallOutcome outcome, Instant ended) {
        return end(
                        tenant,
                        event("call.ended", tenant, call).detail("outcome", outcome),
                        "UPDATE sotto.call SET state = 'ENDED', outcome = ?, ended_at = ?, token_hash = NULL,"
                                + " token_expires = NULL WHERE tenant_id = ? AND id = ? AND state <> 'ENDED'"
                                + " RETURNING " + COLUMNS,
                        outcome,
                        ended,
                        tenant.value(),
                        call.value())
                .isPresent();
    }

    public Optional<CallRecord> find(TenantId tenant, CallId call) {
        return rows.transactions().in(tenant, sql -> find(sql, tenant, call));
    }

    static Optional<CallRecord> find(Sql sql, TenantId tenant, CallId call) throws SQLException {
        return sql.first(
                Calls::callRecord,
                "SELECT " + COLUMNS + " FROM sotto.call WHERE tenant_id = ? AND id = ?",
                tenant.value(),
                call.value());
    }

    /// The newest calls first.
    ///
    /// @param before only calls older than this one
    /// @param limit 1 to 200
    public List<CallRecord> list(TenantId tenant, Optional<CallId> before, int limit) {
        return list(tenant, CallFilter.all(), before, limit);
    }

    /// The newest calls that `filter` lets through first.
    ///
    /// @param before only calls older than this one
    /// @param limit 1 to 200
    public List<CallRecord> list(TenantId tenant, CallFilter filter, Optional<CallId> before, int limit) {
        int most = Fields.limit(limit, 200);
        UUID last = before.map(CallId::value).orElse(LAST);
        // Ids begin with their time, so that a range of time is a range of the key and the rest is not read.
        UUID newest = filter.until().map(at -> idAt(at.plus(CLOCKS_APART))).orElse(LAST);
        UUID oldest = filter.from().map(at -> idAt(at.minus(CLOCKS_APART))).orElse(FIRST);
        return rows.transactions()
                .in(
                        tenant,
                        sql -> sql.list(
                                Calls::callRecord,
                                "SELECT " + COLUMNS + " FROM sotto.call WHERE tenant_id = ? AND id < ? AND id < ?"
                                        + " AND id >= ? AND offered_at >= coalesce(?::timestamptz, '-infinity')"
                                        + " AND offered_at < coalesce(?::timestamptz, 'infinity')"
                                        + " AND state = coalesce(?::text, state)"
                                        + " AND (?::text IS NULL OR outcome = ?::text)"
                                        + " AND (?::bigint IS NULL OR " + LENGTH + " >= ?::bigint)"
                                        + " AND (?::bigint IS NULL OR " + LENGTH + " <= ?::bigint)"
                                        + " ORDER BY id DESC LIMIT ?",
                                tenant.value(),
                                last,
                                newest,
                                oldest,
                                filter.from().orElse(null),
                                filter.until().orElse(null),
                                filter.state().map(Enum::name).orElse(null),
                                filter.outcome().map(Enum::name).orElse(null),
                                filter.outcome().map(Enum::name).orElse(null),
                                filter.shortest().map(Duration::toMillis).orElse(null),
                                filter.shortest().map(Duration::toMillis).orElse(null),
                                filter.longest().map(Duration::toMillis).orElse(null),
                                filter.longest().map(Duration::toMillis).orElse(null),
                                most));
    }

    /// Before every id of that millisecond. RFC 9562 section 5.7.
    private static UUID idAt(Instant at) {
        long millis = Math.clamp(at.toEpochMilli(), 0, MAX_ID_MILLIS);
        return new UUID(millis << Short.SIZE, 0);
    }

    /// The call a carrier speaks of, whoever's it is.
    public Optional<CallRecord> byCarrierCall(String carrierCallId) {
        return rows.transactions()
                .lookup(sql -> sql.first(
                        CallKey::of, "SELECT tenant_id, call_id FROM sotto.call_of_carrier(?)", carrierCallId))
                .flatMap(key -> find(key.tenant(), key.call()));
    }

    /// The calls whose streams `nodeId` holds, or held when it died.
    public List<CallRecord> connectedOn(String nodeId) {
        return rows
                .transactions()
                .lookup(sql ->
                        sql.list(CallKey::of, "SELECT tenant_id, call_id FROM sotto.calls_connected_on(?)", nodeId))
                .stream()
                .flatMap(key -> find(key.tenant(), key.call()).stream())
                .toList();
    }

    /// Ends offered calls whose stream never came, 1,000 at most, as lost. Returns how many. Run at start and now and
    /// then; each is audited `call.ended`.
    public int loseNeverConnected(Instant now) {
        var keys = rows.transactions()
                .lookup(sql ->
                        sql.list(CallKey::of, "SELECT tenant_id, call_id FROM sotto.calls_never_connected(?)", now));
        int lost = 0;
        for (CallKey key : keys) {
            lost += lose(key, now) ? 1 : 0;
        }
        return lost;
    }

    /// It may have connected since it was found.
    private boolean lose(CallKey key, Instant now) {
        return end(
                        key.tenant(),
                        event("call.ended", key.tenant(), key.call()).detail("outcome", CallOutcome.LOST),
                        "UPDATE sotto.call SET state = 'ENDED', outcome = 'LOST', ended_at = ?, token_hash = NULL,"
                                + " token_expires = NULL WHERE tenant_id = ? AND id = ? AND state = 'OFFERED'"
                                + " AND token_expires < ? RETURNING " + COLUMNS,
                        now,
                        key.tenant().value(),
                        key.call().value(),
                        now)
                .isPresent();
    }

    /// The caller's number. Audited `call.number_opened` before it is opened.
    ///
    /// @throws dev.sotto.core.NotFoundException if the tenant has no such call
    public SensitiveText revealFrom(TenantId tenant, CallId call, ActorId actor) {
        var found = rows.transactions()
                .in(
                        tenant,
                        sql -> sql.first(
                                SealedFrom::of,
                                "SELECT from_sealed, version FROM sotto.call WHERE tenant_id = ? AND id = ?",
                                tenant.value(),
                                call.value()))
                .orElseThrow(() -> new NotFoundException(StoreError.NO_SUCH_ROW, "there is no such call"));
        rows.ledger()
                .append(Acting.in(call, actor)
                        .event("call.number_opened", "field", "from")
                        .tenant(tenant));
        return rows.seals().openText(place(tenant, call, found.version()), "from", found.from());
    }

    private record SealedFrom(Sealed from, long version) {
        static SealedFrom of(Sql.Row row) throws SQLException {
            return new SealedFrom(row.sealed("from_sealed"), row.number("version"));
        }
    }

    /// A call found before its tenant was known.
    record CallKey(TenantId tenant, CallId call) {
        static CallKey of(Sql.Row row) throws SQLException {
            return new CallKey(new TenantId(row.id("tenant_id")), new CallId(row.id("call_id")));
        }
    }

    private Optional<CallRecord> change(
            TenantId tenant, AuditEvent.Builder event, String statement, Object... parameters) {
        return rows.transactions().in(tenant, sql -> {
            var changed = sql.first(Calls::callRecord, statement, parameters);
            if (changed.isPresent()) {
                rows.ledger().append(event);
            }
            return changed;
        });
    }

    /// Ends a call; who is told of it, and what is made of it, is noted in the same transaction.
    private Optional<CallRecord> end(
            TenantId tenant, AuditEvent.Builder event, String statement, Object... parameters) {
        return rows.transactions().in(tenant, sql -> {
            var ended = sql.first(Calls::callRecord, statement, parameters);
            if (ended.isPresent()) {
                for (NewNotice notice : CallNotices.of(ended.get())) {
                    notices.raise(sql, notice);
                }
                WrapUps.want(sql, ended.get(), rows.now());
                rows.ledger().append(event);
            }
            return ended;
        });
    }

    private AuditEvent.Builder event(String type, TenantId tenant, CallId call) {
        return rows.ledger().event(type, tenant).resource("call", call);
    }

    private static ConflictException notConnected() {
        return new ConflictException(StoreError.CALL_STATE, "the call is not connected");
    }

    static RecordContext place(TenantId tenant, CallId call, long version) {
        return new RecordContext(
                tenant, DataClass.CALL_METADATA, new KeyOwner.OfCall(call), "call", call.toString(), version);
    }

    private static CallRecord callRecord(Sql.Row row) throws SQLException {
        return new CallRecord(
                new TenantId(row.id("tenant_id")),
                new CallId(row.id("id")),
                row.text("carrier_call_id"),
                Codes.of(CallState.class, row.text("state")),
                row.instant("offered_at"),
                row.optionalInstant("started_at"),
                row.optionalInstant("announced_at"),
                row.optionalInstant("ended_at"),
                row.optionalText("outcome").map(code -> Codes.of(CallOutcome.class, code)),
                row.flag("recording_announced"),
                row.optionalId("subject_id").map(SubjectId::new),
                row.text("mode"),
                row.text("node_id"),
                row.integer("turn_count"),
                Codes.of(CallChannel.class, row.text("channel")),
                row.optionalText("served"),
                row.optionalInstant("handed_over_at"));
    }
}
