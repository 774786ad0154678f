package dev.sotto.guard;

import static dev.sotto.core.DataClass.TRANSCRIPT;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sotto.core.ActorId;
import dev.sotto.core.CallId;
import dev.sotto.core.Disclosure;
import dev.sotto.core.EgressDoor.Verdict.Allowed;
import dev.sotto.core.EgressDoor.Verdict.Denied;
import dev.sotto.core.Meter;
import dev.sotto.core.SensitiveText;
import dev.sotto.core.TenantId;
import dev.sotto.testkit.FakeAuditSink;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The ten lines of the module's README.
class ReadmeTest {
    @Test
    void tenLines_work(@TempDir Path folder) throws IOException {
        var policyYaml = Files.writeString(folder.resolve("policy.yaml"), GuardRules.shippedPolicy());
        var registerYaml = Files.writeString(folder.resolve("register.yaml"), GuardRules.shippedRegister());
        var auditLog = new FakeAuditSink();
        var actor = new ActorId(ActorId.Kind.NODE, "node-1");
        byte[] keyBytes = "0123456789abcdef0123456789abcdef".getBytes(UTF_8);
        var alerts = new ArrayList<DenialListener.Denial>();
        var tenant = new TenantId(new UUID(0, 1));
        var callId = new CallId(new UUID(0, 2));
        var pieces = List.of(SensitiveText.of("march fourteenth"));
        var sent = new ArrayList<SensitiveText>();

        try (var rules =
                RuleFiles.open(policyYaml, registerYaml, auditLog, actor).watch(Duration.ofSeconds(2))) {
            var parts = GuardParts.of(actor, HashKey.of(keyBytes), "healthcare", Meter.none(), Clock.systemUTC());
            var guard = new Guard(rules, auditLog, parts.with(denial -> alerts.add(denial)));
            try (var call = guard.openCall(tenant, callId)) {
                call.expect(Expectation.BIRTH_DATE);
                switch (guard.decide(new Disclosure(
                        tenant, Optional.of(callId), "simulator", TRANSCRIPT, "language-model", pieces))) {
                    case Allowed allowed -> sent.addAll(allowed.pieces());
                    case Denied denied -> throw new AssertionError(denied.rule());
                }
            }
        }
        assertThat(sent).containsExactly(SensitiveText.of("<DOB_1>"));
        assertThat(auditLog.types()).containsExactly("guard.rules.loaded", "disclosure.allowed");
        assertThat(alerts).isEmpty();
    }
}
