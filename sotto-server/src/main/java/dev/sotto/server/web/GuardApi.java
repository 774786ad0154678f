package dev.sotto.server.web;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.sotto.core.TenantId;
import dev.sotto.server.node.PolicyView;
import dev.sotto.server.node.RegisterView;
import java.time.Clock;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.springframework.security.core.annotation.AuthenticationPrincipal;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

/// The policy and the register of a tenant, to be read.
@RestController
final class GuardApi {
    private final CallLookup lookup;
    private final Clock clock;

    GuardApi(CallLookup lookup, Clock clock) {
        this.lookup = lookup;
        this.clock = clock;
    }

    @JsonInclude(JsonInclude.Include.NON_NULL)
    record Policy(
            boolean installed,
            @Nullable String version,
            @Nullable Instant loadedAt,
            List<Rule> rules) {}

    @JsonInclude(JsonInclude.Include.NON_NULL)
    record Rule(
            String id,
            String dataClass,
            String entity,
            String destination,
            String purpose,
            String operator,
            @Nullable String condition) {
        static Rule of(PolicyView.Rule rule) {
            return new Rule(
                    rule.id(),
                    rule.dataClass(),
                    rule.entity(),
                    rule.destination(),
                    rule.purpose(),
                    rule.operator(),
                    rule.condition().orElse(null));
        }
    }

    record Register(boolean installed, List<Processor> processors) {}

    /// @param standing of the agreement today (UTC): `active`, `ending`, `not_yet`, `expired` or `missing`
    @JsonInclude(JsonInclude.Include.NON_NULL)
    record Processor(
            String id,
            String name,
            List<String> dataClasses,
            List<String> purposes,
            String region,
            String retention,
            @Nullable String agreement,
            @Nullable LocalDate agreementFrom,
            @Nullable LocalDate agreementUntil,
            String standing) {
        static Processor of(RegisterView.Processor processor, LocalDate today) {
            return new Processor(
                    processor.id(),
                    processor.name(),
                    processor.dataClasses(),
                    processor.purposes(),
                    processor.region(),
                    processor.retention(),
                    processor.agreement().kind().orElse(null),
                    processor.agreement().from().orElse(null),
                    processor.agreement().until().orElse(null),
                    switch (processor.agreement().on(today)) {
                        case RegisterView.Standing.Active _ -> "active";
                        case RegisterView.Standing.Ending _ -> "ending";
                        case RegisterView.Standing.NotYet _ -> "not_yet";
                        case RegisterView.Standing.Expired _ -> "expired";
                        case RegisterView.Standing.Missing _ -> "missing";
                    });
        }
    }

    @GetMapping("/api/v1/policy")
    Policy policy(@AuthenticationPrincipal Visitor visitor, @RequestParam Optional<String> tenant) {
        TenantId whose = lookup.tenant(visitor, tenant);
        PolicyView policy = lookup.services().guard().policy(whose);
        return new Policy(
                policy.installed(),
                policy.version().orElse(null),
                policy.loadedAt().orElse(null),
                policy.rules().stream().map(Rule::of).toList());
    }

    @GetMapping("/api/v1/register")
    Register register(@AuthenticationPrincipal Visitor visitor, @RequestParam Optional<String> tenant) {
        TenantId whose = lookup.tenant(visitor, tenant);
        LocalDate today = LocalDate.ofInstant(clock.instant(), ZoneOffset.UTC);
        RegisterView register = lookup.services().guard().register(whose);
        return new Register(
                register.installed(),
                register.processors().stream()
                        .map(processor -> Processor.of(processor, today))
                        .toList());
    }
}
