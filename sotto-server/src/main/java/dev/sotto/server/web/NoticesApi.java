package dev.sotto.server.web;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.sotto.core.DeniedException;
import dev.sotto.core.NotFoundException;
import dev.sotto.core.NoticeId;
import dev.sotto.core.RejectedException;
import dev.sotto.core.TenantId;
import dev.sotto.server.node.ServerError;
import dev.sotto.store.DeliveryState;
import dev.sotto.store.Notice;
import dev.sotto.store.StaffRole;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.springframework.security.core.annotation.AuthenticationPrincipal;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

/// What was told outside, or is to be, and how far that has come.
@RestController
final class NoticesApi {
    private static final int MAX_LIMIT = 200;
    private static final int MAX_ENDPOINT = 64;

    private final CallLookup lookup;

    NoticesApi(CallLookup lookup) {
        this.lookup = lookup;
    }

    /// A page of notices, newest first; `next` is what to give as `before` for the page after it.
    @JsonInclude(JsonInclude.Include.NON_NULL)
    record Page(List<NoticeView> notices, @Nullable String next) {}

    @GetMapping("/api/v1/notices")
    Page list(
            @AuthenticationPrincipal Visitor visitor,
            @RequestParam Optional<String> tenant,
            @RequestParam Optional<String> before,
            @RequestParam(defaultValue = "50") int limit,
            @RequestParam Optional<String> state) {
        if (limit < 1 || limit > MAX_LIMIT) {
            throw new RejectedException(ServerError.REQUEST_INVALID, "limit must be 1 to %d".formatted(MAX_LIMIT));
        }
        TenantId whose = lookup.tenant(visitor, tenant);
        List<Notice> notices = lookup.services()
                .store()
                .notices()
                .list(
                        whose,
                        before.map(NoticeId::parse),
                        state.map(code -> CallSearch.code(DeliveryState.class, code)),
                        limit);
        return new Page(
                notices.stream().map(NoticeView::of).toList(),
                notices.size() == limit ? notices.getLast().id().toString() : null);
    }

    /// @param endpoint only to this one
    @PostMapping("/api/v1/notices/{id}/again")
    NoticeView again(
            @AuthenticationPrincipal Visitor visitor,
            @PathVariable String id,
            @RequestParam Optional<String> endpoint) {
        return NoticeView.of(sendAgain(lookup, visitor, id, endpoint));
    }

    /// Whether a visitor may have notices sent again.
    static boolean maySend(Visitor visitor) {
        return visitor instanceof Visitor.Staff staff && staff.role() != StaffRole.AUDITOR;
    }

    static Notice sendAgain(CallLookup lookup, Visitor visitor, String id, Optional<String> endpoint) {
        if (!maySend(visitor)) {
            throw new DeniedException(ServerError.NOT_ALLOWED, "this role may not have notices sent again");
        }
        if (endpoint.filter(name -> name.length() > MAX_ENDPOINT).isPresent()) {
            throw new RejectedException(ServerError.REQUEST_INVALID, "endpoint is too long");
        }
        TenantId tenant = lookup.tenant(visitor, Optional.empty());
        NoticeId notice = lookup.parse(id, NoticeId::parse);
        try {
            return lookup.services().store().notices().sendAgain(tenant, notice, endpoint, visitor.actor());
        } catch (NotFoundException absent) {
            throw CallLookup.notHere(absent);
        }
    }
}
