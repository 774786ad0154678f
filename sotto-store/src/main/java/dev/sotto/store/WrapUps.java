package dev.sotto.store;

import dev.sotto.core.CallId;
import dev.sotto.core.TenantId;
import java.sql.SQLException;
import java.time.Instant;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// The work after calls: one row a call, made with its end, claimed by one node at a time. Rows hold ids, times and
/// codes. Thread-safe; blocks on the database.
public final class WrapUps {
    private final Rows rows;

    WrapUps(Rows rows) {
        this.rows = rows;
    }

    /// A call whose work is due.
    public record Due(TenantId tenant, CallId call) {}

    /// The right to do the work of a call until its time is up or somebody claims it after that.
    ///
    /// @param attempt how often it was claimed, this one included
    public record Claim(TenantId tenant, CallId call, int attempt) {}

    /// How the work after a call stands.
    public record View(WrapUpState state, int attempts) {}

    /// Notes that there is work, if the call ended after it had begun: in the transaction that ends it.
    static void want(Sql sql, CallRecord call, Instant now) throws SQLException {
        if (call.state() == CallState.ENDED && call.startedAt().isPresent()) {
            sql.update(
                    "INSERT INTO sotto.wrap_up (tenant_id, call_id, state, due_at) VALUES (?, ?, 'PENDING', ?)"
                            + " ON CONFLICT DO NOTHING",
                    call.tenant().value(),
                    call.id().value(),
                    now);
        }
    }

    /// Work that nobody does now, whoever's it is; the oldest 100.
    public List<Due> due(Instant now) {
        return rows.transactions()
                .lookup(sql -> sql.list(
                        row -> new Due(new TenantId(row.id("tenant_id")), new CallId(row.id("call_id"))),
                        "SELECT tenant_id, call_id FROM sotto.wrap_ups_due(?)",
                        now));
    }

    /// Takes the work; empty if somebody else has it or it is done.
    ///
    /// @param until when somebody else may take it
    public Optional<Claim> claim(Due due, String nodeId, Instant now, Instant until) {
        return rows.transactions()
                .in(
                        due.tenant(),
                        sql -> sql.first(
                                row -> new Claim(due.tenant(), due.call(), row.integer("attempts")),
                                "UPDATE sotto.wrap_up SET attempts = attempts + 1, due_at = ?, node_id = ?"
                                        + " WHERE tenant_id = ? AND call_id = ? AND state = 'PENDING' AND due_at <= ?"
                                        + " RETURNING attempts",
                                until,
                                nodeId,
                                due.tenant().value(),
                                due.call().value(),
                                now));
    }

    /// Gives the work back until `due`. Nothing happens if the claim is no longer held.
    public void postpone(Claim claim, Instant due) {
        rows.transactions()
                .run(
                        claim.tenant(),
                        sql -> sql.update(
                                "UPDATE sotto.wrap_up SET due_at = ? WHERE tenant_id = ? AND call_id = ?"
                                        + " AND state = 'PENDING' AND attempts = ?",
                                due,
                                claim.tenant().value(),
                                claim.call().value(),
                                claim.attempt()));
    }

    /// Ends the work. What was not done is audited: `call.wrap_up_off`, `call.wrap_up_failed`. False if the claim is no
    /// longer held.
    public boolean finish(Claim claim, WrapUpState state) {
        if (state == WrapUpState.PENDING) {
            throw new IllegalArgumentException("state must be an end");
        }
        return rows.transactions().in(claim.tenant(), sql -> {
            boolean ended = sql.update(
                            "UPDATE sotto.wrap_up SET state = ?, finished_at = ? WHERE tenant_id = ? AND call_id = ?"
                                    + " AND state = 'PENDING' AND attempts = ?",
                            state,
                            rows.now(),
                            claim.tenant().value(),
                            claim.call().value(),
                            claim.attempt())
                    == 1;
            if (ended && state != WrapUpState.DONE) {
                rows.ledger()
                        .append(rows.ledger()
                                .event(
                                        state == WrapUpState.OFF ? "call.wrap_up_off" : "call.wrap_up_failed",
                                        claim.tenant())
                                .resource("call", claim.call())
                                .detail("attempts", claim.attempt()));
            }
            return ended;
        });
    }

    /// How the work after a call stands; empty if the call goes on, never began, or is older than this work.
    public Optional<View> find(TenantId tenant, CallId call) {
        return rows.transactions()
                .in(
                        tenant,
                        sql -> sql.first(
                                row -> new View(
                                        Codes.of(WrapUpState.class, row.text("state")), row.integer("attempts")),
                                "SELECT state, attempts FROM sotto.wrap_up WHERE tenant_id = ? AND call_id = ?",
                                tenant.value(),
                                call.value()));
    }

    /// What was made of a call before.
    public Set<InsightKind> made(TenantId tenant, CallId call) {
        List<InsightKind> kinds = rows.transactions()
                .in(
                        tenant,
                        sql -> sql.list(
                                row -> Codes.of(InsightKind.class, row.text("kind")),
                                "SELECT kind FROM sotto.call_insight WHERE tenant_id = ? AND call_id = ?",
                                tenant.value(),
                                call.value()));
        return kinds.isEmpty() ? EnumSet.noneOf(InsightKind.class) : EnumSet.copyOf(kinds);
    }
}
