package dev.sotto.store;

import dev.sotto.core.ActorId;
import dev.sotto.core.CallId;
import dev.sotto.core.DataClass;
import dev.sotto.core.IntegrityException;
import dev.sotto.core.KeyOwner;
import dev.sotto.core.NotFoundException;
import dev.sotto.core.TenantId;
import dev.sotto.core.TurnId;
import dev.sotto.keys.RecordContext;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.OptionalInt;
import java.util.SortedMap;

/// The sealed turns of calls. Thread-safe; blocks on the database, the keys and the audit log.
public final class Turns {
    private static final long VERSION = 1; // of a new turn; its words are never changed, but may be sealed anew
    private static final int MAX_TURNS = 10_000;

    private static final String COLUMNS =
            "id, call_id, ordinal, speaker, kind, at_millis, length_millis, text_sealed, version";

    private final Rows rows;

    Turns(Rows rows) {
        this.rows = rows;
    }

    /// Keeps a turn at the end of a call. Audited `turn.kept` with the digest of its sealed bytes.
    ///
    /// @throws dev.sotto.core.NotFoundException if the tenant has no such call, or it has 10,000 turns
    public void append(TenantId tenant, CallId call, NewTurn turn) {
        rows.keep(tenant, () -> {
            Sealed sealed = rows.seals().seal(place(tenant, call, turn.id(), VERSION), "text", TurnCodec.encode(turn));
            return sql -> insert(sql, tenant, call, turn, sealed);
        });
    }

    private int insert(Sql sql, TenantId tenant, CallId call, NewTurn turn, Sealed sealed) throws SQLException {
        int ordinal = nextOrdinal(sql, tenant, call);
        sql.update(
                "INSERT INTO sotto.turn (tenant_id, id, call_id, ordinal, speaker, kind, at_millis,"
                        + " length_millis, text_sealed, version) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                tenant.value(),
                turn.id().value(),
                call.value(),
                ordinal,
                turn.speaker(),
                turn.kind(),
                turn.at().toMillis(),
                turn.length().toMillis(),
                sealed,
                VERSION);
        rows.ledger()
                .append(rows.ledger()
                        .event("turn.kept", tenant)
                        .resource("call", call)
                        .detail("turn", turn.id())
                        .detail("ordinal", ordinal)
                        .detail("kind", turn.kind())
                        .detail("digest", sealed.digest()));
        return ordinal;
    }

    private static int nextOrdinal(Sql sql, TenantId tenant, CallId call) throws SQLException {
        return sql.first(
                        row -> row.integer("turn_count"),
                        "UPDATE sotto.call SET turn_count = turn_count + 1 WHERE tenant_id = ? AND id = ?"
                                + " AND turn_count < ? RETURNING turn_count",
                        tenant.value(),
                        call.value(),
                        MAX_TURNS)
                .orElseThrow(() -> new NotFoundException(
                        StoreError.NO_SUCH_ROW, "there is no such call, or it can take no more turns"));
    }

    /// Every turn of a call, opened, in order. Audited `transcript.opened` before the first is.
    ///
    /// @throws IntegrityException if a turn, or a clear column of it, was altered or moved
    public List<Turn> list(TenantId tenant, CallId call, ActorId actor) {
        rows.ledger()
                .append(Acting.in(call, actor)
                        .event("transcript.opened", "view", "original")
                        .tenant(tenant));
        return rows
                .transactions()
                .in(
                        tenant,
                        sql -> sql.list(
                                SealedTurn::of,
                                "SELECT " + COLUMNS
                                        + " FROM sotto.turn WHERE tenant_id = ? AND call_id = ? ORDER BY ordinal",
                                tenant.value(),
                                call.value()))
                .stream()
                .map(turn -> open(tenant, turn))
                .toList();
    }

    /// The protected values of one turn, opened, for `actor`. Audited `turn.revealed` before any is opened.
    ///
    /// @param part which of the turn's parts, from 0; all that are protected if empty
    /// @return by the place of the part in the turn
    /// @throws NotFoundException if the tenant has no such turn in that call; nothing was audited
    /// @throws dev.sotto.core.RejectedException if that part is not protected
    /// @throws IntegrityException if the turn, or a clear column of it, was altered or moved
    public SortedMap<Integer, TurnText.Part.Protected> reveal(
            TenantId tenant, CallId call, TurnId turn, OptionalInt part, ActorId actor) {
        SealedTurn sealed = rows.transactions()
                .in(
                        tenant,
                        sql -> sql.first(
                                SealedTurn::of,
                                "SELECT " + COLUMNS + " FROM sotto.turn WHERE tenant_id = ? AND call_id = ? AND id = ?",
                                tenant.value(),
                                call.value(),
                                turn.value()))
                .orElseThrow(() -> new NotFoundException(StoreError.NO_SUCH_ROW, "there is no such turn"));
        rows.ledger()
                .append(Acting.in(call, actor)
                        .event("turn.revealed", "turn", turn)
                        .detail("part", part.isPresent() ? part.getAsInt() : "all")
                        .tenant(tenant));
        return open(tenant, sealed).text().reveal(part);
    }

    private record SealedTurn(
            TurnId id,
            CallId call,
            int ordinal,
            String speaker,
            String kind,
            long at,
            long length,
            Sealed text,
            long version) {
        static SealedTurn of(Sql.Row row) throws SQLException {
            return new SealedTurn(
                    new TurnId(row.id("id")),
                    new CallId(row.id("call_id")),
                    row.integer("ordinal"),
                    row.text("speaker"),
                    row.text("kind"),
                    row.number("at_millis"),
                    row.number("length_millis"),
                    row.sealed("text_sealed"),
                    row.number("version"));
        }
    }

    private Turn open(TenantId tenant, SealedTurn turn) {
        var decoded = TurnCodec.decode(
                rows.seals().open(place(tenant, turn.call(), turn.id(), turn.version()), "text", turn.text()));
        boolean same = decoded.speaker().name().equals(turn.speaker())
                && decoded.kind().name().equals(turn.kind())
                && decoded.at().equals(Duration.ofMillis(turn.at()))
                && decoded.length().equals(Duration.ofMillis(turn.length()));
        if (!same) {
            throw new IntegrityException(
                    StoreError.ROW_MISMATCH, "a clear column of turn (%s) is not what was sealed".formatted(turn.id()));
        }
        return new Turn(
                turn.id(),
                turn.call(),
                turn.ordinal(),
                decoded.speaker(),
                decoded.kind(),
                decoded.at(),
                decoded.length(),
                decoded.text());
    }

    static RecordContext place(TenantId tenant, CallId call, TurnId turn, long version) {
        return new RecordContext(
                tenant, DataClass.TRANSCRIPT, new KeyOwner.OfCall(call), "turn", turn.toString(), version);
    }
}
