package dev.sotto.server.web;

import dev.sotto.core.CallId;
import dev.sotto.core.DeniedException;
import dev.sotto.core.NotFoundException;
import dev.sotto.core.RejectedException;
import dev.sotto.core.TenantId;
import dev.sotto.core.TurnId;
import dev.sotto.server.node.ServerError;
import dev.sotto.store.CallRecord;
import dev.sotto.store.TurnText;
import jakarta.servlet.http.HttpServletResponse;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import org.springframework.security.core.annotation.AuthenticationPrincipal;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

/// Shows protected values of a turn or a summary in clear, to those who may. Each request is one act in the audit log,
/// written
/// before the value leaves.
@RestController
final class RevealApi {
    private final CallLookup lookup;
    private final RevealPermission permission;

    RevealApi(CallLookup lookup, RevealPermission permission) {
        this.lookup = lookup;
        this.permission = permission;
    }

    /// What was behind the labels of a turn.
    record Revealed(String turn, List<Value> values) {
        @Override
        public String toString() {
            return "Revealed[REDACTED]";
        }
    }

    /// @param part its place among the turn's parts, from 0
    record Value(int part, String label, String value) {
        static Value of(int part, TurnText.Part.Protected hidden) {
            return new Value(part, hidden.label(), hidden.value().reveal());
        }

        @Override
        public String toString() {
            return "Value[REDACTED]";
        }
    }

    /// What was behind the labels of a summary.
    record RevealedSummary(List<Value> values) {
        @Override
        public String toString() {
            return "RevealedSummary[REDACTED]";
        }
    }

    /// @param part only this one of the turn's parts
    @PostMapping("/api/v1/calls/{id}/turns/{turn}/reveal")
    Revealed reveal(
            @AuthenticationPrincipal Visitor visitor,
            @PathVariable String id,
            @PathVariable String turn,
            @RequestParam Optional<Integer> part,
            HttpServletResponse response) {
        Asked asked = asked(visitor, id, part, response);
        TurnId which = lookup.parse(turn, TurnId::parse);
        try {
            return new Revealed(
                    which.toString(),
                    lookup
                            .services()
                            .store()
                            .turns()
                            .reveal(
                                    asked.tenant(),
                                    asked.call(),
                                    which,
                                    asked.part(),
                                    asked.staff().actor())
                            .entrySet()
                            .stream()
                            .map(found -> Value.of(found.getKey(), found.getValue()))
                            .toList());
        } catch (NotFoundException absent) {
            lookup.refuse(asked.staff(), asked.tenant(), asked.call(), "turn_not_here");
            throw CallLookup.notHere(absent);
        }
    }

    /// @param part only this one of the summary's parts
    @PostMapping("/api/v1/calls/{id}/summary/reveal")
    RevealedSummary revealSummary(
            @AuthenticationPrincipal Visitor visitor,
            @PathVariable String id,
            @RequestParam Optional<Integer> part,
            HttpServletResponse response) {
        Asked asked = asked(visitor, id, part, response);
        try {
            return new RevealedSummary(lookup
                    .services()
                    .store()
                    .insights()
                    .reveal(
                            asked.tenant(),
                            asked.call(),
                            asked.part(),
                            asked.staff().actor())
                    .entrySet()
                    .stream()
                    .map(found -> Value.of(found.getKey(), found.getValue()))
                    .toList());
        } catch (NotFoundException absent) {
            lookup.refuse(asked.staff(), asked.tenant(), asked.call(), "summary_not_here");
            throw CallLookup.notHere(absent);
        }
    }

    /// Who asks for what, once it is known that they may.
    private record Asked(Visitor.Staff staff, TenantId tenant, CallId call, OptionalInt part) {}

    private Asked asked(Visitor visitor, String id, Optional<Integer> part, HttpServletResponse response) {
        if (!(visitor instanceof Visitor.Staff staff)) {
            throw new DeniedException(ServerError.NOT_ALLOWED, "protected values are shown to staff only");
        }
        response.setHeader("Cache-Control", "no-store");
        TenantId tenant = lookup.tenant(staff, Optional.empty());
        CallRecord call = lookup.find(staff, tenant, id);
        if (!permission.mayReveal(staff)) {
            lookup.refuse(staff, tenant, call.id(), "may_not_reveal");
            throw new DeniedException(ServerError.NOT_ALLOWED, "this role may not see protected values");
        }
        if (part.isPresent() && part.get() < 0) {
            throw new RejectedException(ServerError.REQUEST_INVALID, "part must not be negative");
        }
        return new Asked(staff, tenant, call.id(), part.map(OptionalInt::of).orElse(OptionalInt.empty()));
    }
}
