package dev.sotto.guard;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sotto.core.ActorId;
import dev.sotto.core.CallId;
import dev.sotto.core.DataClass;
import dev.sotto.core.Disclosure;
import dev.sotto.core.EgressDoor.Verdict;
import dev.sotto.core.SensitiveText;
import dev.sotto.core.StreamDisclosure;
import dev.sotto.core.TenantId;
import dev.sotto.testkit.FakeAuditSink;
import dev.sotto.testkit.FakeMeter;
import dev.sotto.testkit.ManualClock;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicReference;

/// A guard on fakes, with rules that a test can change.
final class GuardRig {
    static final ActorId ACTOR = new ActorId(ActorId.Kind.NODE, "test");
    static final TenantId CLINIC = new TenantId(new UUID(1, 1));
    static final TenantId OTHER = new TenantId(new UUID(1, 2));
    static final CallId CALL = new CallId(new UUID(2, 1));
    static final CallId SECOND_CALL = new CallId(new UUID(2, 2));
    static final HashKey HASH_KEY = HashKey.of("0123456789abcdef0123456789abcdef".getBytes(StandardCharsets.UTF_8));

    final FakeAuditSink audit = new FakeAuditSink();
    final FakeMeter meter = new FakeMeter();
    final ManualClock clock = new ManualClock(Instant.parse("2026-11-27T12:00:00Z"));
    final List<DenialListener.Denial> denials = new ArrayList<>();
    final AtomicReference<GuardRules> rules = new AtomicReference<>(GuardRules.shipped());
    final Guard guard;

    GuardRig() {
        this(parts -> parts);
    }

    GuardRig(java.util.function.UnaryOperator<GuardParts> change) {
        GuardParts parts =
                GuardParts.of(ACTOR, HASH_KEY, "healthcare", meter, clock).with(denials::add);
        guard = new Guard(rules::get, audit, change.apply(parts));
    }

    /// A rule for acts of class transcript to `simulator` for `language-model` with these operators.
    static GuardRules rulesWith(String... lines) {
        return GuardRules.parse("""
                sotto-policy: 1
                version: test
                rules:
                  - id: test-rule
                    data: transcript
                    destinations: simulator
                    purposes: language-model
                    %s
                """.formatted(String.join("\n    ", lines)), GuardRules.shippedRegister());
    }

    static Disclosure toModel(String... pieces) {
        return act(CLINIC, Optional.of(CALL), "simulator", "language-model", pieces);
    }

    static Disclosure act(
            TenantId tenant, Optional<CallId> call, String destination, String purpose, String... pieces) {
        return new Disclosure(
                tenant,
                call,
                destination,
                DataClass.TRANSCRIPT,
                purpose,
                Arrays.stream(pieces).map(SensitiveText::of).toList());
    }

    static StreamDisclosure listening() {
        return new StreamDisclosure(CLINIC, Optional.of(CALL), "simulator", DataClass.RECORDING, "transcription");
    }

    /// What may be sent, which must be something.
    List<String> sent(Disclosure disclosure) {
        Verdict verdict = guard.decide(disclosure);
        assertThat(verdict).isInstanceOf(Verdict.Allowed.class);
        return ((Verdict.Allowed) verdict)
                .pieces().stream().map(SensitiveText::reveal).toList();
    }

    String sent(String... pieces) {
        return sent(toModel(pieces)).getLast();
    }

    /// The rule that denied, which one must have.
    String denied(Disclosure disclosure) {
        Verdict verdict = guard.decide(disclosure);
        assertThat(verdict).isInstanceOf(Verdict.Denied.class);
        return ((Verdict.Denied) verdict).rule();
    }
}
