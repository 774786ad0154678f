package dev.sotto.server.web;

import dev.sotto.core.CallId;
import dev.sotto.server.node.NodeServices;
import dev.sotto.store.CallRecord;
import dev.sotto.store.CallState;
import dev.sotto.store.Tenant;
import dev.sotto.store.Turn;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.springframework.security.core.annotation.AuthenticationPrincipal;
import org.springframework.stereotype.Controller;
import org.springframework.ui.Model;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.ModelAttribute;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RequestParam;

/// The calls of a tenant, and one of them: what was said with labels in the place of what is protected, what the
/// system did, what left it, and what the log proves.
@Controller
final class CallPages {
    private static final int PAGE = 50;

    private final CallLookup lookup;
    private final RevealPermission permission;

    CallPages(CallLookup lookup, RevealPermission permission) {
        this.lookup = lookup;
        this.permission = permission;
    }

    @ModelAttribute("business")
    String business(@AuthenticationPrincipal Visitor visitor) {
        return lookup.business(visitor).name();
    }

    @GetMapping("/calls")
    String calls(
            @AuthenticationPrincipal Visitor visitor,
            @RequestParam Map<String, String> query,
            @RequestParam Optional<String> before,
            Model model) {
        Tenant tenant = lookup.business(visitor);
        NodeServices services = lookup.services();
        CallSearch search = CallSearch.of(query);
        List<CallRecord> calls = services.store()
                .calls()
                .list(tenant.id(), search.filter(tenant.zone()), before.map(CallId::parse), PAGE);
        List<CallRow> rows =
                calls.stream().map(call -> CallRow.of(services, tenant, call)).toList();
        model.addAttribute("calls", rows);
        model.addAttribute("live", rows.stream().filter(CallRow::live).count());
        model.addAttribute("search", search);
        model.addAttribute("first", before.isEmpty());
        model.addAttribute(
                "next", calls.size() == PAGE ? search.page(calls.getLast().id().toString()) : null);
        services.audit()
                .latestCheckpoint()
                .ifPresent(head ->
                        model.addAttribute("checkpoint", head.checkpoint().size()));
        return "calls";
    }

    @GetMapping("/calls/{id}")
    String call(@AuthenticationPrincipal Visitor visitor, @PathVariable String id, Model model) {
        Tenant tenant = lookup.business(visitor);
        CallRecord call = lookup.find(visitor, tenant.id(), id);
        NodeServices services = lookup.services();
        // The proofs first: opening the words is an entry too, which nothing has signed yet.
        CallProofs proofs = CallProofs.of(services, tenant.id(), call.id());
        List<Turn> turns = services.store().turns().list(tenant.id(), call.id(), visitor.actor());
        model.addAttribute("call", CallRow.of(services, tenant, call));
        model.addAttribute("live", call.state() != CallState.ENDED);
        model.addAttribute("story", CallStory.of(turns, proofs, tenant.zone()));
        services.store()
                .wrapUps()
                .find(tenant.id(), call.id())
                .map(view ->
                        AfterStory.of(view, services.store().insights().open(tenant.id(), call.id(), visitor.actor())))
                .ifPresent(after -> model.addAttribute("after", after));
        model.addAttribute("mayReveal", visitor instanceof Visitor.Staff staff && permission.mayReveal(staff));
        CallWords.textOnly(call).ifPresent(text -> model.addAttribute("textOnly", text));
        services.store()
                .recordings()
                .find(tenant.id(), call.id())
                .filter(info -> info.sealedBytes() > 0)
                .ifPresent(info -> {
                    model.addAttribute("recording", CallView.lower(info.state()));
                    model.addAttribute("recordingMillis", info.duration().toMillis());
                    model.addAttribute("recordingLength", CallWords.clock(info.duration()));
                    model.addAttribute("recordingSize", CallWords.size(info.sealedBytes()));
                });
        return "call";
    }
}
