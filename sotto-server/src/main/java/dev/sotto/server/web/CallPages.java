package dev.sotto.server.web;

import dev.sotto.core.CallId;
import dev.sotto.core.TenantId;
import dev.sotto.server.node.NodeServices;
import dev.sotto.store.CallOutcome;
import dev.sotto.store.CallRecord;
import dev.sotto.store.CallState;
import dev.sotto.store.RecordingInfo;
import dev.sotto.store.Speaker;
import dev.sotto.store.Tenant;
import dev.sotto.store.Turn;
import dev.sotto.store.TurnKind;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
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
/// system did, and what the log proves.
@Controller
final class CallPages {
    private static final int PAGE = 50;
    private static final Comparator<Turn> IN_TIME =
            Comparator.comparing(Turn::at).thenComparingInt(Turn::ordinal);
    private static final DateTimeFormatter WHEN = DateTimeFormatter.ofPattern("d MMM uuuu, HH:mm:ss", Locale.ENGLISH);

    private final CallLookup lookup;

    CallPages(CallLookup lookup) {
        this.lookup = lookup;
    }

    /// A line of the list.
    record Row(String id, String when, String what, String length, boolean verified, String mode, String recording) {}

    /// One turn with what the system did after it.
    record Said(String at, String who, String css, boolean tool, List<CallView.Part> parts, String length) {}

    /// The entries of one type, in the order in which the types first came up.
    ///
    /// @param sequence of the first
    record Logged(String type, int count, long sequence, boolean holds) {}

    @ModelAttribute("business")
    String business(@AuthenticationPrincipal Visitor visitor) {
        return tenant(visitor).name();
    }

    @GetMapping("/calls")
    String calls(@AuthenticationPrincipal Visitor visitor, @RequestParam Optional<String> before, Model model) {
        Tenant tenant = tenant(visitor);
        NodeServices services = lookup.services();
        List<CallRecord> calls = services.store().calls().list(tenant.id(), before.map(CallId::parse), PAGE);
        model.addAttribute(
                "calls", calls.stream().map(call -> row(services, tenant, call)).toList());
        model.addAttribute("next", calls.size() == PAGE ? calls.getLast().id().toString() : null);
        services.audit()
                .latestCheckpoint()
                .ifPresent(head ->
                        model.addAttribute("checkpoint", head.checkpoint().size()));
        return "calls";
    }

    private static Row row(NodeServices services, Tenant tenant, CallRecord call) {
        Optional<RecordingInfo> recording = services.store().recordings().find(tenant.id(), call.id());
        return new Row(
                call.id().toString(),
                when(call.startedAt().orElse(call.offeredAt()), tenant.zone()),
                outcome(call),
                CallView.length(call).map(CallPages::clock).orElse(""),
                call.verified(),
                call.mode(),
                recording.map(info -> CallView.lower(info.state())).orElse(""));
    }

    @GetMapping("/calls/{id}")
    String call(@AuthenticationPrincipal Visitor visitor, @PathVariable String id, Model model) {
        Tenant tenant = tenant(visitor);
        CallRecord call = lookup.find(visitor, tenant.id(), id);
        NodeServices services = lookup.services();
        // The proofs first: opening the words is an entry too, which nothing has signed yet.
        CallProofs proofs = CallProofs.of(services, tenant.id(), call.id());
        List<Turn> turns = services.store().turns().list(tenant.id(), call.id(), visitor.actor());
        model.addAttribute("call", row(services, tenant, call));
        model.addAttribute("live", call.state() != CallState.ENDED);
        model.addAttribute(
                "turns", turns.stream().sorted(IN_TIME).map(CallPages::said).toList());
        model.addAttribute("entries", logged(proofs.entries()));
        model.addAttribute("proven", proofs.isWhole());
        proofs.checkpoint()
                .ifPresent(head ->
                        model.addAttribute("checkpoint", head.checkpoint().size()));
        services.store()
                .recordings()
                .find(tenant.id(), call.id())
                .filter(info -> info.sealedBytes() > 0)
                .ifPresent(info -> {
                    model.addAttribute("recording", info);
                    model.addAttribute("recordingLength", clock(info.duration()));
                    model.addAttribute("recordingSize", size(info.sealedBytes()));
                });
        return "call";
    }

    private Tenant tenant(Visitor visitor) {
        TenantId id = lookup.tenant(visitor, Optional.empty());
        return lookup.services().store().tenants().find(id).orElseThrow(CallLookup::notHere);
    }

    private static List<Logged> logged(List<CallProofs.Proven> entries) {
        Map<String, Logged> byType = new LinkedHashMap<>();
        for (CallProofs.Proven proven : entries) {
            String type = proven.entry().type();
            byType.merge(
                    type,
                    new Logged(type, 1, proven.entry().sequence(), proven.holds()),
                    (first, next) ->
                            new Logged(type, first.count() + 1, first.sequence(), first.holds() && next.holds()));
        }
        return List.copyOf(byType.values());
    }

    private static Said said(Turn turn) {
        boolean tool = turn.kind() == TurnKind.TOOL;
        return new Said(
                clock(turn.at()),
                who(turn.speaker()),
                CallView.lower(turn.speaker()),
                tool,
                turn.text().parts().stream().map(CallView.Part::of).toList(),
                tool ? turn.length().toMillis() + " ms" : "");
    }

    private static String who(Speaker speaker) {
        return switch (speaker) {
            case CALLER -> "Caller";
            case AGENT -> "Agent";
            case SYSTEM -> "System";
        };
    }

    private static String outcome(CallRecord call) {
        Optional<CallOutcome> outcome = call.outcome();
        if (outcome.isEmpty()) {
            return call.state() == CallState.CONNECTED ? "On the line now" : "Ringing";
        }
        return switch (outcome.get()) {
            case HUNG_UP -> call.verified() ? "Answered, caller hung up" : "Caller hung up";
            case TRANSFERRED -> "Transferred to a person";
            case FAILED -> "Ended with an apology";
            case COMPLETED -> "Answered";
            case LOST -> "Line lost";
            case VOICEMAIL -> "Message left";
        };
    }

    private static String when(Instant at, ZoneId zone) {
        return WHEN.format(at.atZone(zone));
    }

    static String clock(Duration length) {
        return "%d:%02d".formatted(length.toMinutes(), length.toSecondsPart());
    }

    private static String size(long bytes) {
        return "%d KiB".formatted(Math.ceilDiv(bytes, 1024));
    }
}
