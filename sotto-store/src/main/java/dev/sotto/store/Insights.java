package dev.sotto.store;

import dev.sotto.core.ActorId;
import dev.sotto.core.AuditEvent;
import dev.sotto.core.CallId;
import dev.sotto.core.ConflictException;
import dev.sotto.core.IntegrityException;
import dev.sotto.core.KeyOwner;
import dev.sotto.core.NotFoundException;
import dev.sotto.core.TenantId;
import dev.sotto.keys.RecordContext;
import java.sql.SQLException;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.SortedMap;

/// What was made of calls once they ended, sealed under the calls' own keys. Thread-safe; blocks on the database, the
/// keys and the audit log.
public final class Insights {
    private static final long VERSION = 1; // of something new; it is never changed, but may be sealed anew
    private static final String FIELD = "content";

    private final Rows rows;

    Insights(Rows rows) {
        this.rows = rows;
    }

    /// Keeps the summary of a call. Audited `call.summarised`. False if there is one.
    public boolean keep(TenantId tenant, CallId call, CallSummary summary) {
        return keep(
                tenant,
                call,
                InsightKind.SUMMARY,
                new Row(summary.maker(), summary.at()),
                InsightCodec.encode(summary),
                rows.ledger().event("call.summarised", tenant));
    }

    /// Keeps the analytics of a call. Audited `call.scored`. False if there are some.
    public boolean keep(TenantId tenant, CallId call, CallAnalytics analytics) {
        return keep(
                tenant,
                call,
                InsightKind.ANALYTICS,
                new Row(analytics.maker(), analytics.at()),
                InsightCodec.encode(analytics),
                rows.ledger().event("call.scored", tenant));
    }

    private record Row(Maker maker, Instant at) {}

    private boolean keep(
            TenantId tenant, CallId call, InsightKind kind, Row row, byte[] content, AuditEvent.Builder event) {
        try {
            rows.keep(tenant, () -> {
                Sealed sealed = rows.seals().seal(place(tenant, call, kind, VERSION), FIELD, content);
                return sql -> insert(sql, tenant, call, kind, row, sealed, event);
            });
            return true;
        } catch (ConflictException made) {
            if (made.code() == StoreError.ALREADY_EXISTS) {
                return false;
            }
            throw made;
        }
    }

    private int insert(
            Sql sql, TenantId tenant, CallId call, InsightKind kind, Row row, Sealed sealed, AuditEvent.Builder event)
            throws SQLException {
        int added = sql.update(
                "INSERT INTO sotto.call_insight (tenant_id, call_id, kind, made_by, reason, made_at,"
                        + " content_sealed, version) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                tenant.value(),
                call.value(),
                kind,
                row.maker().by(),
                row.maker().reason(),
                row.at(),
                sealed,
                VERSION);
        event.resource("call", call).detail("by", row.maker().by()).detail("digest", sealed.digest());
        if (!row.maker().reason().isEmpty()) {
            event.detail("reason", row.maker().reason());
        }
        rows.ledger().append(event);
        return added;
    }

    /// What was made of a call, opened. Audited `call.insights_opened` before it is; nothing is audited if there is
    /// nothing.
    ///
    /// @throws IntegrityException if it, or a clear column of it, was altered or moved
    public CallInsights open(TenantId tenant, CallId call, ActorId actor) {
        List<SealedInsight> sealed = sealed(tenant, call);
        if (sealed.isEmpty()) {
            return CallInsights.NONE;
        }
        rows.ledger()
                .append(Acting.in(call, actor)
                        .event("call.insights_opened", "view", "original")
                        .tenant(tenant));
        return new CallInsights(
                find(sealed, InsightKind.SUMMARY).map(row -> summary(tenant, call, row)),
                find(sealed, InsightKind.ANALYTICS).map(row -> analytics(tenant, call, row)));
    }

    /// The protected values in the summary of a call, opened, for `actor`. Audited `summary.revealed` before any is.
    ///
    /// @param part which of its parts, from 0; all that are protected if empty
    /// @throws NotFoundException if there is no summary; nothing was audited
    /// @throws dev.sotto.core.RejectedException if that part is not protected
    /// @throws IntegrityException if it was altered or moved
    public SortedMap<Integer, TurnText.Part.Protected> reveal(
            TenantId tenant, CallId call, OptionalInt part, ActorId actor) {
        SealedInsight row = find(sealed(tenant, call), InsightKind.SUMMARY)
                .orElseThrow(() -> new NotFoundException(StoreError.NO_SUCH_ROW, "there is no such summary"));
        rows.ledger()
                .append(Acting.in(call, actor)
                        .event("summary.revealed", "part", part.isPresent() ? part.getAsInt() : "all")
                        .tenant(tenant));
        return summary(tenant, call, row).text().reveal(part);
    }

    private record SealedInsight(InsightKind kind, Maker maker, Instant at, Sealed content, long version) {
        static SealedInsight of(Sql.Row row) throws SQLException {
            return new SealedInsight(
                    Codes.of(InsightKind.class, row.text("kind")),
                    new Maker(row.text("made_by"), row.text("reason")),
                    row.instant("made_at"),
                    row.sealed("content_sealed"),
                    row.number("version"));
        }
    }

    private List<SealedInsight> sealed(TenantId tenant, CallId call) {
        return rows.transactions()
                .in(
                        tenant,
                        sql -> sql.list(
                                SealedInsight::of,
                                "SELECT kind, made_by, reason, made_at, content_sealed, version FROM sotto.call_insight"
                                        + " WHERE tenant_id = ? AND call_id = ?",
                                tenant.value(),
                                call.value()));
    }

    private static Optional<SealedInsight> find(List<SealedInsight> all, InsightKind kind) {
        return all.stream().filter(row -> row.kind() == kind).findFirst();
    }

    private CallSummary summary(TenantId tenant, CallId call, SealedInsight row) {
        var summary = InsightCodec.summary(opened(tenant, call, row));
        same(row, summary.maker(), summary.at());
        return summary;
    }

    private CallAnalytics analytics(TenantId tenant, CallId call, SealedInsight row) {
        var analytics = InsightCodec.analytics(opened(tenant, call, row));
        same(row, analytics.maker(), analytics.at());
        return analytics;
    }

    private byte[] opened(TenantId tenant, CallId call, SealedInsight row) {
        return rows.seals().open(place(tenant, call, row.kind(), row.version()), FIELD, row.content());
    }

    private static void same(SealedInsight row, Maker maker, Instant at) {
        if (!row.maker().equals(maker) || row.at().toEpochMilli() != at.toEpochMilli()) {
            throw new IntegrityException(
                    StoreError.ROW_MISMATCH, "a clear column of an insight is not what was sealed");
        }
    }

    static RecordContext place(TenantId tenant, CallId call, InsightKind kind, long version) {
        return new RecordContext(
                tenant, kind.dataClass(), new KeyOwner.OfCall(call), "call-insight", call.toString(), version);
    }
}
