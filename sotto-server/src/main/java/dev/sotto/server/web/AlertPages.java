package dev.sotto.server.web;

import dev.sotto.core.CallId;
import dev.sotto.core.NoticeId;
import dev.sotto.store.Delivery;
import dev.sotto.store.DeliveryState;
import dev.sotto.store.Notice;
import dev.sotto.store.NoticeType;
import dev.sotto.store.Outbox;
import dev.sotto.store.Tenant;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.springframework.security.core.annotation.AuthenticationPrincipal;
import org.springframework.stereotype.Controller;
import org.springframework.ui.Model;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.ModelAttribute;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestParam;

/// What was told outside, or is to be, as people look at it.
@Controller
final class AlertPages {
    private static final int PAGE = 50;

    private final CallLookup lookup;
    private final Clock clock;

    AlertPages(CallLookup lookup, Clock clock) {
        this.lookup = lookup;
        this.clock = clock;
    }

    /// A notice as a line.
    ///
    /// @param alert whether somebody should look
    /// @param details its codes in one text
    record Line(
            String id,
            String when,
            String what,
            boolean alert,
            int occurrences,
            Optional<String> call,
            String details,
            List<Told> told) {
        static Line of(Notice notice, ZoneId zone, Instant now) {
            return new Line(
                    notice.id().toString(),
                    CallWords.when(notice.happenedAt(), zone),
                    what(notice.type()),
                    notice.type().isAlert(),
                    notice.occurrences(),
                    notice.call().map(CallId::toString),
                    notice.details().entrySet().stream()
                            .filter(detail -> !detail.getKey().endsWith("_at"))
                            .sorted(Map.Entry.comparingByKey())
                            .map(detail -> detail.getKey().replace('_', ' ') + " " + detail.getValue())
                            .collect(Collectors.joining(" · ")),
                    notice.deliveries().stream()
                            .map(delivery -> Told.of(delivery, zone, now))
                            .toList());
        }

        private static String what(NoticeType type) {
            return switch (type) {
                case CALL_COMPLETED -> "Call ended";
                case CALL_TRANSFERRED -> "Call transferred";
                case MESSAGE_TAKEN -> "Message taken";
                case DISCLOSURE_DENIED -> "Disclosure denied";
                case IDENTITY_LOCKED -> "Identity check locked";
                case KEY_ANOMALY -> "Unusual use of keys";
            };
        }
    }

    /// How far a notice has come on its way to one endpoint.
    ///
    /// @param css of the pill that says so
    /// @param again whether it can be sent again
    record Told(String endpoint, String state, String css, String detail, boolean again) {
        static Told of(Delivery delivery, ZoneId zone, Instant now) {
            String tries = delivery.attempts() == 1 ? "1 attempt" : delivery.attempts() + " attempts";
            String error = delivery.lastError().map(code -> " · " + code).orElse("");
            return switch (delivery.state()) {
                case WAITING ->
                    new Told(
                            delivery.endpoint(),
                            delivery.attempts() == 0 ? "waiting" : "trying again",
                            "label",
                            tries
                                    + error
                                    + delivery.nextAttemptAt()
                                            .map(next -> " · next " + in(next, now))
                                            .orElse(""),
                            false);
                case SENT ->
                    new Told(
                            delivery.endpoint(),
                            "sent",
                            "proven",
                            delivery.finishedAt()
                                            .map(at -> CallWords.when(at, zone))
                                            .orElse("") + " · " + tries,
                            false);
                case DENIED -> new Told(delivery.endpoint(), "denied", "wrong", "by " + error(delivery), true);
                case FAILED -> new Told(delivery.endpoint(), "given up", "wrong", tries + error, true);
            };
        }

        private static String error(Delivery delivery) {
            return delivery.lastError().orElse("a rule");
        }

        private static String in(Instant next, Instant now) {
            long seconds = Math.max(0, Duration.between(now, next).toSeconds());
            if (seconds < 60) {
                return "in %d s".formatted(seconds);
            }
            return seconds < 3_600 ? "in %d min".formatted(seconds / 60) : "in %d h".formatted(seconds / 3_600);
        }
    }

    @ModelAttribute("business")
    String business(@AuthenticationPrincipal Visitor visitor) {
        return lookup.business(visitor).name();
    }

    @GetMapping("/alerts")
    String alerts(
            @AuthenticationPrincipal Visitor visitor,
            @RequestParam Optional<String> before,
            @RequestParam(defaultValue = "") String state,
            Model model) {
        Tenant tenant = lookup.business(visitor);
        var notices = lookup.services().store().notices();
        Optional<DeliveryState> only =
                state.isEmpty() ? Optional.empty() : Optional.of(CallSearch.code(DeliveryState.class, state));
        List<Notice> page = notices.list(tenant.id(), before.map(NoticeId::parse), only, PAGE);
        Instant now = clock.instant();
        Outbox.Backlog backlog = notices.backlog(tenant.id());
        model.addAttribute(
                "lines",
                page.stream().map(notice -> Line.of(notice, tenant.zone(), now)).toList());
        model.addAttribute(
                "state", only.map(code -> code.name().toLowerCase(Locale.ROOT)).orElse(""));
        model.addAttribute("waiting", backlog.waiting());
        model.addAttribute("unsent", backlog.unsent());
        model.addAttribute(
                "oldest",
                backlog.oldest().map(at -> CallWords.when(at, tenant.zone())).orElse(""));
        model.addAttribute("maySend", NoticesApi.maySend(visitor));
        model.addAttribute("next", page.size() == PAGE ? page.getLast().id().toString() : null);
        return "alerts";
    }

    @PostMapping("/alerts/{id}/again")
    String again(
            @AuthenticationPrincipal Visitor visitor,
            @PathVariable String id,
            @RequestParam Optional<String> endpoint) {
        NoticesApi.sendAgain(lookup, visitor, id, endpoint);
        return "redirect:/alerts";
    }
}
