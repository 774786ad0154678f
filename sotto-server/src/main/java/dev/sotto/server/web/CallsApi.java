package dev.sotto.server.web;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.sotto.core.CallId;
import dev.sotto.core.RejectedException;
import dev.sotto.core.TenantId;
import dev.sotto.server.node.ServerError;
import dev.sotto.store.CallFilter;
import dev.sotto.store.CallOutcome;
import dev.sotto.store.CallRecord;
import dev.sotto.store.CallState;
import dev.sotto.store.Store;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.springframework.security.core.annotation.AuthenticationPrincipal;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

/// Calls over REST: lists, one call, and the proof of what the log says about it.
@RestController
final class CallsApi {
    private static final int MAX_LIMIT = 200;

    private final CallLookup lookup;

    CallsApi(CallLookup lookup) {
        this.lookup = lookup;
    }

    /// A page of calls, newest first; `next` is what to give as `before` for the page after it.
    @JsonInclude(JsonInclude.Include.NON_NULL)
    record Page(List<CallView> calls, @Nullable String next) {}

    /// Every entry about a call.
    @JsonInclude(JsonInclude.Include.NON_NULL)
    record Entries(
            List<AuditEntryView> entries,
            boolean truncated,
            @Nullable String checkpoint) {}

    @GetMapping("/api/v1/calls")
    Page list(
            @AuthenticationPrincipal Visitor visitor,
            @RequestParam Optional<String> tenant,
            @RequestParam Optional<String> before,
            @RequestParam(defaultValue = "50") int limit,
            @RequestParam Optional<String> from,
            @RequestParam Optional<String> until,
            @RequestParam Optional<String> state,
            @RequestParam Optional<String> outcome,
            @RequestParam Optional<Long> shortestMillis,
            @RequestParam Optional<Long> longestMillis) {
        if (limit < 1 || limit > MAX_LIMIT) {
            throw new RejectedException(ServerError.REQUEST_INVALID, "limit must be 1 to %d".formatted(MAX_LIMIT));
        }
        var filter = new CallFilter(
                CallSearch.instant(from),
                CallSearch.instant(until),
                state.map(code -> CallSearch.code(CallState.class, code)),
                outcome.map(code -> CallSearch.code(CallOutcome.class, code)),
                CallSearch.millis(shortestMillis),
                CallSearch.millis(longestMillis));
        Store store = lookup.services().store();
        TenantId whose = lookup.tenant(visitor, tenant);
        List<CallRecord> calls = store.calls().list(whose, filter, before.map(CallId::parse), limit);
        List<CallView> views = calls.stream()
                .map(call -> CallView.of(call, store.recordings().find(whose, call.id())))
                .toList();
        return new Page(views, calls.size() == limit ? calls.getLast().id().toString() : null);
    }

    /// @param turns `false` leaves the words sealed: then nothing is opened and nothing is audited
    @GetMapping("/api/v1/calls/{id}")
    CallView one(
            @AuthenticationPrincipal Visitor visitor,
            @PathVariable String id,
            @RequestParam Optional<String> tenant,
            @RequestParam(defaultValue = "true") boolean turns) {
        TenantId whose = lookup.tenant(visitor, tenant);
        CallRecord call = lookup.find(visitor, whose, id);
        Store store = lookup.services().store();
        CallView view = CallView.of(call, store.recordings().find(whose, call.id()));
        Optional<AfterCallView> after = store.wrapUps().find(whose, call.id()).map(AfterCallView::of);
        if (!turns) {
            return after.map(view::with).orElse(view);
        }
        // The proofs first: opening the words is an entry too, which nothing has signed yet.
        CallProofs proofs = CallProofs.of(lookup.services(), whose, call.id());
        CallView opened =
                view.with(store.turns().list(whose, call.id(), visitor.actor())).with(proofs.summary());
        return after.map(state -> opened.with(state.with(store.insights().open(whose, call.id(), visitor.actor()))))
                .orElse(opened);
    }

    @GetMapping("/api/v1/calls/{id}/audit")
    Entries audit(
            @AuthenticationPrincipal Visitor visitor, @PathVariable String id, @RequestParam Optional<String> tenant) {
        TenantId whose = lookup.tenant(visitor, tenant);
        CallRecord call = lookup.find(visitor, whose, id);
        CallProofs proofs = CallProofs.of(lookup.services(), whose, call.id());
        return new Entries(
                proofs.entries().stream().map(AuditEntryView::of).toList(),
                proofs.truncated(),
                proofs.checkpoint().map(head -> head.note()).orElse(null));
    }
}
