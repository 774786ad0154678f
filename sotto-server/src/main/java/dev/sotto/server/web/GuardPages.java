package dev.sotto.server.web;

import dev.sotto.server.node.PolicyView;
import dev.sotto.server.node.RegisterView;
import dev.sotto.store.Tenant;
import java.time.Clock;
import java.time.LocalDate;
import java.util.List;
import org.springframework.security.core.annotation.AuthenticationPrincipal;
import org.springframework.stereotype.Controller;
import org.springframework.ui.Model;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.ModelAttribute;

/// The policy and the register, to be read.
@Controller
final class GuardPages {
    private final CallLookup lookup;
    private final Clock clock;

    GuardPages(CallLookup lookup, Clock clock) {
        this.lookup = lookup;
        this.clock = clock;
    }

    /// One line of the register.
    ///
    /// @param css of the pill that says where the agreement stands
    record Line(RegisterView.Processor processor, String agreement, String css) {
        static Line of(RegisterView.Processor processor, LocalDate today) {
            return switch (processor.agreement().on(today)) {
                case RegisterView.Standing.Active _ -> new Line(processor, "active", "proven");
                case RegisterView.Standing.Ending(long days) ->
                    new Line(processor, days == 0 ? "expires today" : "expires in %d days".formatted(days), "label");
                case RegisterView.Standing.NotYet(LocalDate from) ->
                    new Line(processor, "from %s".formatted(from), "label");
                case RegisterView.Standing.Expired(LocalDate last) ->
                    new Line(processor, "expired on %s".formatted(last), "wrong");
                case RegisterView.Standing.Missing _ -> new Line(processor, "none", "wrong");
            };
        }
    }

    @ModelAttribute("business")
    String business(@AuthenticationPrincipal Visitor visitor) {
        return lookup.business(visitor).name();
    }

    @GetMapping("/policy")
    String policy(@AuthenticationPrincipal Visitor visitor, Model model) {
        Tenant tenant = lookup.business(visitor);
        PolicyView policy = lookup.services().guard().policy(tenant.id());
        model.addAttribute("policy", policy);
        model.addAttribute(
                "loaded",
                policy.loadedAt().map(at -> CallWords.when(at, tenant.zone())).orElse(""));
        return "policy";
    }

    @GetMapping("/register")
    String register(@AuthenticationPrincipal Visitor visitor, Model model) {
        Tenant tenant = lookup.business(visitor);
        LocalDate today = LocalDate.ofInstant(clock.instant(), tenant.zone());
        RegisterView register = lookup.services().guard().register(tenant.id());
        List<Line> lines = register.processors().stream()
                .map(processor -> Line.of(processor, today))
                .toList();
        model.addAttribute("register", register);
        model.addAttribute("lines", lines);
        return "register";
    }
}
