package dev.sotto.guard;

import static java.util.Objects.requireNonNull;

import dev.sotto.core.Admission;
import dev.sotto.core.AuditEvent;
import dev.sotto.core.AuditSink;
import dev.sotto.core.CallId;
import dev.sotto.core.ConflictException;
import dev.sotto.core.DataClass;
import dev.sotto.core.Disclosure;
import dev.sotto.core.EgressDoor;
import dev.sotto.core.LimitedException;
import dev.sotto.core.SensitiveText;
import dev.sotto.core.SottoException;
import dev.sotto.core.StreamDisclosure;
import dev.sotto.core.TenantId;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The way out of Sotto: looks at what would be sent, decides by register and policy, changes the text as the policy
/// says, and records the disclosure before it says yes. Whatever goes wrong on the way is a no. Thread-safe.
///
/// A decision blocks for as long as the audit log takes to be durable.
public final class Guard implements EgressDoor {
    private static final Logger LOG = LoggerFactory.getLogger(Guard.class);

    private final Supplier<GuardRules> rules;
    private final GuardAudit audit;
    private final GuardParts parts;
    private final ConcurrentHashMap<CallKey, CallMemory> calls = new ConcurrentHashMap<>();
    private final Semaphore free;

    private record CallKey(TenantId tenant, CallId call) {}

    /// What the policy came to, before it is recorded.
    private sealed interface Decision {
        String rule();

        record Allow(List<SensitiveText> pieces, String rule) implements Decision {}

        record Deny(String rule) implements Decision {}
    }

    /// @param rules gives the rules of the moment; cheap and thread-safe
    public Guard(Supplier<GuardRules> rules, AuditSink audit, GuardParts parts) {
        this.rules = requireNonNull(rules, "rules");
        this.parts = requireNonNull(parts, "parts");
        this.audit = new GuardAudit(requireNonNull(audit, "audit"), parts.actor());
        this.free = new Semaphore(parts.limits().calls());
        parts.meter().gauge("guard.calls.open", calls::size);
    }

    /// Starts to remember a call: its tokens, what was asked, what was found. Close it when the call is over.
    ///
    /// @throws LimitedException if as many calls are open as the limits say
    /// @throws ConflictException if the call is open already
    public CallGuard openCall(TenantId tenant, CallId call) {
        var key = new CallKey(requireNonNull(tenant, "tenant"), requireNonNull(call, "call"));
        if (!free.tryAcquire()) {
            throw new LimitedException(GuardError.GUARD_CALL_LIMIT, "all calls of the guard are in use");
        }
        var memory = new CallMemory();
        if (calls.putIfAbsent(key, memory) != null) {
            free.release();
            throw new ConflictException(GuardError.GUARD_CALL_OPEN, "the call is open at the guard already");
        }
        return new CallGuard(memory, parts, () -> {
            if (calls.remove(key, memory)) {
                free.release();
            }
        });
    }

    @Override
    public Verdict decide(Disclosure disclosure) {
        long start = parts.nanos().getAsLong();
        GuardRules now = rules.get();
        var tally = new Tally();
        Decision decision = decision(disclosure, now, tally);
        long decided = parts.nanos().getAsLong();
        parts.meter().time("guard.turn", Duration.ofNanos(decided - start));
        Verdict verdict = recorded(disclosure, decision, now, tally);
        parts.meter().time("guard.recorded", Duration.ofNanos(parts.nanos().getAsLong() - decided));
        return verdict;
    }

    private Decision decision(Disclosure disclosure, GuardRules now, Tally tally) {
        Act act = Act.of(disclosure, parts.vertical(disclosure.tenant()));
        Ruling ruling = Ruling.of(act, now, today());
        return switch (ruling) {
            case Ruling.Objection(Reason reason) -> new Decision.Deny(reason.code());
            case Ruling.ByRule(Rule rule) -> transformed(disclosure, rule, tally);
        };
    }

    private Decision transformed(Disclosure disclosure, Rule rule, Tally tally) {
        if (disclosure.pieces().stream().mapToLong(SensitiveText::length).sum()
                        > parts.limits().actCharacters()
                || disclosure.pieces().stream().anyMatch(piece -> piece.length() > Detection.MAX_CHARACTERS)) {
            return new Decision.Deny(Reason.TEXT_TOO_LONG.code());
        }
        Optional<CallMemory> open = disclosure
                .call()
                .flatMap(call -> Optional.ofNullable(calls.get(new CallKey(disclosure.tenant(), call))));
        CallMemory memory = open.orElseGet(CallMemory::new);
        try {
            synchronized (memory) {
                @Nullable TokenVault vault = open.isPresent() && !memory.forgotten() ? memory.vault() : null;
                var redactor = new Redactor(rule, disclosure.tenant(), parts.hashKey(), vault, tally);
                return pieces(disclosure, memory, redactor)
                        .<Decision>map(pieces -> new Decision.Allow(pieces, rule.id()))
                        .orElseGet(() -> new Decision.Deny(rule.id()));
            }
        } catch (LimitedException late) {
            return new Decision.Deny(Reason.DETECTOR_LATE.code());
        } catch (RuntimeException failed) { // a detector may be anybody's; what it throws must not open the door
            LOG.atError()
                    .addKeyValue("event", "guard.detector.failed")
                    .addKeyValue("kind", failed.getClass().getSimpleName())
                    .log("a text could not be looked at, so it is not sent");
            return new Decision.Deny(Reason.DETECTOR_FAILED.code());
        }
    }

    private Optional<List<SensitiveText>> pieces(Disclosure disclosure, CallMemory memory, Redactor redactor) {
        Deadline deadline = Deadline.in(parts.limits().detection(), parts.nanos());
        var changed = new ArrayList<SensitiveText>(disclosure.pieces().size());
        boolean denied = false;
        for (var read : new ActReader(parts.detection(), memory, deadline).read(disclosure.pieces())) {
            Optional<SensitiveText> piece = redactor.apply(read.utterance(), read.findings());
            denied |= piece.isEmpty();
            piece.ifPresent(changed::add);
        }
        deadline.check();
        return denied ? Optional.empty() : Optional.of(changed);
    }

    private Verdict recorded(Disclosure disclosure, Decision decision, GuardRules now, Tally tally) {
        boolean allow = decision instanceof Decision.Allow;
        AuditEvent event = audit.decision(disclosure, allow, decision.rule(), tally, now.label());
        String rule = append(event) ? decision.rule() : Reason.AUDIT_UNAVAILABLE.code();
        if (rule.equals(decision.rule()) && decision instanceof Decision.Allow(var pieces, String id)) {
            parts.meter().count("guard.allowed");
            return new Verdict.Allowed(pieces, id);
        }
        denied(disclosure.tenant(), disclosure.call(), Act.of(disclosure, ""), rule);
        return new Verdict.Denied(rule);
    }

    private boolean append(AuditEvent event) {
        try {
            audit.append(event);
            return true;
        } catch (SottoException down) {
            parts.meter().count("guard.audit.failed");
            return false;
        }
    }

    void denied(TenantId tenant, Optional<CallId> call, Act act, String rule) {
        parts.meter().count("guard.denied");
        var denial = new DenialListener.Denial(
                tenant,
                call,
                GuardAudit.shown(act.destination()),
                act.dataClass(),
                GuardAudit.shown(act.purpose()),
                rule,
                Instant.now(parts.clock()));
        try {
            parts.onDenial().denied(denial);
        } catch (RuntimeException failed) { // an alert that fails must not turn a denial into something else
            parts.meter().count("guard.alert.failed");
        }
    }

    @Override
    public Admission grant(StreamDisclosure disclosure) {
        GuardRules now = rules.get();
        Act act = Act.of(disclosure, parts.vertical(disclosure.tenant()));
        LocalDate today = today();
        Ruling ruling = Ruling.of(act, now, today);
        AuditEvent.Builder event = audit.stream(
                ruling.allows() ? GuardAudit.ALLOWED : GuardAudit.DENIED, disclosure, ruling.name(), now.label());
        boolean durable = append(event.build());
        if (durable && ruling instanceof Ruling.ByRule(Rule rule)) {
            parts.meter().count("guard.streams.granted");
            return new Admission.Granted(new GuardPassage(this, disclosure, act, rule.id(), now, today), rule.id());
        }
        String reason = durable ? ruling.name() : Reason.AUDIT_UNAVAILABLE.code();
        denied(disclosure.tenant(), disclosure.call(), act, reason);
        return new Admission.Denied(reason);
    }

    /// Whether register and policy would let anything of a class go somewhere today, whatever it says. A question, no
    /// decision: nothing is recorded, and nothing may be sent on the strength of it.
    public boolean mayEver(TenantId tenant, String destination, DataClass dataClass, String purpose) {
        var act = new Act(parts.vertical(tenant), dataClass, destination, purpose, false);
        return Ruling.of(act, rules.get(), today()).allows();
    }

    /// Whether a denial is about the destination, its agreement or the purpose, so that no other text would be allowed
    /// either.
    ///
    /// @param rule of a denial
    public static boolean isOutOfPolicy(String rule) {
        return Reason.isOutOfPolicy(rule);
    }

    /// Whether a denial only says that it could not be recorded.
    ///
    /// @param rule of a denial
    public static boolean isUnrecorded(String rule) {
        return Reason.AUDIT_UNAVAILABLE.code().equals(rule);
    }

    GuardRules rules() {
        return rules.get();
    }

    LocalDate today() {
        return LocalDate.now(parts.clock());
    }

    GuardAudit audit() {
        return audit;
    }

    GuardParts parts() {
        return parts;
    }
}
