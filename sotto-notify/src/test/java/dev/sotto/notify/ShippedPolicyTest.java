package dev.sotto.notify;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sotto.core.ActorId;
import dev.sotto.core.DataClass;
import dev.sotto.core.Disclosure;
import dev.sotto.core.EgressDoor.Verdict;
import dev.sotto.core.Meter;
import dev.sotto.core.SensitiveText;
import dev.sotto.guard.Guard;
import dev.sotto.guard.GuardParts;
import dev.sotto.guard.GuardRules;
import dev.sotto.guard.HashKey;
import dev.sotto.store.ClaimedDelivery;
import dev.sotto.testkit.FakeAuditSink;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.util.List;
import org.junit.jupiter.api.Test;

/// The shipped policy and the shipped way to tell belong together: an id must not look like a telephone number to the
/// guard, or whoever is told gets a label in its place.
final class ShippedPolicyTest {
    private static final int RUNS = 400;

    private final GuardRules rules = GuardRules.shipped();
    private final Guard guard = new Guard(
            () -> rules,
            new FakeAuditSink(),
            GuardParts.of(
                    new ActorId(ActorId.Kind.NODE, "test"),
                    HashKey.of("0123456789abcdef0123456789abcdef".getBytes(StandardCharsets.UTF_8)),
                    "healthcare",
                    Meter.none(),
                    Clock.systemUTC()));

    private Verdict decide(ClaimedDelivery delivery, String destination, String purpose, List<SensitiveText> pieces) {
        return guard.decide(new Disclosure(
                delivery.tenant(), delivery.call(), destination, DataClass.CALL_METADATA, purpose, pieces));
    }

    @Test
    void notices_passUnchanged() {
        for (int run = 0; run < RUNS; run++) {
            var delivery = run % 2 == 0 ? Told.denied() : Told.completed();
            var event = List.of(SensitiveText.of(CloudEvent.json(delivery)));
            var mail = List.of(
                    SensitiveText.of(MailText.of(delivery).subject()),
                    SensitiveText.of(MailText.of(delivery).body()));

            assertThat(decide(delivery, "demo-webhook", "webhook", event))
                    .as(CloudEvent.json(delivery))
                    .isEqualTo(new Verdict.Allowed(event, "healthcare-notices"));
            assertThat(decide(delivery, "demo-mail", "alert", mail))
                    .as(MailText.of(delivery).body())
                    .isEqualTo(new Verdict.Allowed(mail, "healthcare-notices"));
        }
    }

    @Test
    void words_areReplaced_andStrangersGetNothing() {
        var delivery = Told.denied();
        var words = List.of(SensitiveText.of("call her back at 415-555-0123"));

        assertThat(decide(delivery, "demo-mail", "alert", words))
                .isInstanceOfSatisfying(
                        Verdict.Allowed.class,
                        allowed ->
                                assertThat(allowed.pieces().getFirst().reveal()).doesNotContain("0123"));
        assertThat(decide(delivery, "elsewhere", "alert", words)).isEqualTo(new Verdict.Denied("unknown-destination"));
        assertThat(decide(delivery, "demo-mail", "webhook", words)).isEqualTo(new Verdict.Denied("purpose-not-listed"));
    }
}
