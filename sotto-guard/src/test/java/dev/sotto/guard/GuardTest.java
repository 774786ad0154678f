package dev.sotto.guard;

import static dev.sotto.guard.GuardRig.CALL;
import static dev.sotto.guard.GuardRig.CLINIC;
import static dev.sotto.guard.GuardRig.OTHER;
import static dev.sotto.guard.GuardRig.SECOND_CALL;
import static dev.sotto.guard.GuardRig.act;
import static dev.sotto.guard.GuardRig.rulesWith;
import static dev.sotto.guard.GuardRig.toModel;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.sotto.core.ConflictException;
import dev.sotto.core.DataClass;
import dev.sotto.core.Disclosure;
import dev.sotto.core.EgressDoor;
import dev.sotto.core.EgressDoor.Verdict;
import dev.sotto.core.EgressDoorContract;
import dev.sotto.core.LimitedException;
import dev.sotto.core.SensitiveText;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class GuardTest extends EgressDoorContract {
    private final GuardRig rig = new GuardRig();

    @Override
    protected EgressDoor closedDoor() {
        return rig.guard;
    }

    @Test
    void decide_allowed_isInTheAuditLogBeforeItReturns_withCountsAndWithoutText() {
        rig.guard.openCall(CLINIC, CALL);
        var sent = rig.sent(toModel("my name is jane doe", "call me at four one five five five five oh one two three"));

        assertThat(sent).containsExactly("my name is <PERSON_1>", "call me at <PHONE_1>");
        assertThat(rig.audit.events()).singleElement().satisfies(event -> {
            assertThat(event.type()).isEqualTo("disclosure.allowed");
            assertThat(event.tenant()).contains(CLINIC);
            assertThat(event.resource()).isEqualTo("call/" + CALL);
            assertThat(event.details())
                    .containsEntry("destination", "simulator")
                    .containsEntry("data_class", "transcript")
                    .containsEntry("purpose", "language-model")
                    .containsEntry("rule", "healthcare-model")
                    .containsEntry("counts", "PHONE:tokenise=1,PERSON:tokenise=1")
                    .containsEntry("policy", rig.rules.get().label());
            assertThat(event.toString()).doesNotContain("jane", "four one five");
        });
        assertThat(rig.meter.counted("guard.allowed")).isOne();
        assertThat(rig.meter.timed("guard.turn")).hasSize(1);
        assertThat(rig.meter.timed("guard.recorded")).hasSize(1);
    }

    @Test
    void decide_whileTheAuditLogIsDown_isDenied() {
        rig.audit.goDown();

        assertThat(rig.denied(toModel("hello"))).isEqualTo("audit-unavailable");
        assertThat(rig.denials)
                .singleElement()
                .extracting(DenialListener.Denial::rule)
                .isEqualTo("audit-unavailable");
    }

    @Test
    void decide_toAnUnknownDestination_isDeniedAndAlertsWithIdsOnly() {
        assertThat(rig.denied(act(CLINIC, Optional.of(CALL), "somebody", "language-model", "my name is jane doe")))
                .isEqualTo("unknown-destination");
        assertThat(rig.denials).singleElement().satisfies(denial -> {
            assertThat(denial.destination()).isEqualTo("somebody");
            assertThat(denial.toString()).doesNotContain("jane");
        });
        assertThat(rig.audit.types()).containsExactly("disclosure.denied");
    }

    @Test
    void decide_withAMalformedDestination_recordsNothingOfIt() {
        assertThat(rig.denied(act(CLINIC, Optional.empty(), "Jane Doe, 555-0123", "language-model", "hello")))
                .isEqualTo("malformed-request");
        assertThat(rig.audit.events().toString()).doesNotContain("Jane");
        assertThat(rig.denials.toString()).doesNotContain("Jane");
    }

    @Test
    void decide_forAClassThatTheRegisterDoesNotList_isDenied() {
        var disclosure = new Disclosure(
                CLINIC,
                Optional.empty(),
                "simulator",
                DataClass.CREDENTIAL,
                "language-model",
                List.of(SensitiveText.of("hello")));

        assertThat(rig.denied(disclosure)).isEqualTo("class-not-listed");
    }

    @Test
    void decide_forAPurposeThatTheRegisterDoesNotList_isDenied() {
        assertThat(rig.denied(act(CLINIC, Optional.empty(), "simulator", "marketing", "hello")))
                .isEqualTo("purpose-not-listed");
    }

    @Test
    void decide_forAnotherVertical_isDeniedByDefault() {
        var retail = new GuardRig(parts -> parts.withVerticals(_ -> "retail"));

        assertThat(retail.denied(toModel("hello"))).isEqualTo("no-rule");
    }

    @Test
    void decide_onTheDayAfterAnAgreementEnded_isDenied() {
        rig.rules.set(GuardRules.parse(GuardRules.shippedPolicy(), signed("2026-01-01", "2026-11-27")));
        assertThat(rig.sent("hello")).isEqualTo("hello");

        rig.clock.advance(Duration.ofDays(1));
        assertThat(rig.denied(toModel("hello"))).isEqualTo("agreement-not-active");
    }

    @Test
    void decide_beforeAnAgreementBegins_isDenied() {
        rig.rules.set(GuardRules.parse(GuardRules.shippedPolicy(), signed("2026-11-28", "2027-11-27")));

        assertThat(rig.denied(toModel("hello"))).isEqualTo("agreement-not-active");
    }

    static String signed(String from, String until) {
        return GuardRules.shippedRegister()
                .replaceFirst(
                        "agreement: \\{status: not-needed}",
                        "agreement: {status: signed, from: %s, until: %s}".formatted(from, until));
    }

    @Test
    void decide_withOneDeniedPiece_deniesTheWholeAct() {
        rig.rules.set(rulesWith("entities: {PHONE: keep, SSN: deny}"));

        assertThat(rig.sent("call 415-555-0123")).isEqualTo("call 415-555-0123");
        assertThat(rig.denied(toModel("hello", "my ssn is 123-45-6789", "bye"))).isEqualTo("test-rule");
        assertThat(rig.audit.events("disclosure.denied"))
                .singleElement()
                .satisfies(event -> assertThat(event.details()).containsEntry("counts", "SSN:deny=1"));
    }

    @Test
    void decide_withATypeThatTheRuleDoesNotList_isDenied() {
        rig.rules.set(rulesWith("entities: {PHONE: keep}"));

        assertThat(rig.denied(toModel("my name is jane doe"))).isEqualTo("test-rule");
    }

    @Test
    void decide_withADetectorThatThrows_isDenied() {
        var broken = new GuardRig(parts -> parts.with(Detection.standard().with(new Detector() {
            @Override
            public String name() {
                return "broken";
            }

            @Override
            public List<Finding> detect(Utterance utterance, Deadline deadline) {
                throw new IllegalStateException(
                        "cannot read " + utterance.text().reveal());
            }
        })));

        assertThat(broken.denied(toModel("my name is jane doe"))).isEqualTo("detector-failed");
        assertThat(broken.audit.events().toString()).doesNotContain("jane");
    }

    @Test
    void decide_withADetectorThatDoesNotComeBack_isDeniedAndInterruptsIt() throws InterruptedException {
        var interrupted = new CountDownLatch(1);
        var never = new CountDownLatch(1);
        var slow = new GuardRig(parts -> parts.with(new GuardLimits(1, 1_000, Duration.ofMillis(20)))
                .with(Detection.standard().with(new Detector() {
                    @Override
                    public String name() {
                        return "slow";
                    }

                    @Override
                    public List<Finding> detect(Utterance utterance, Deadline deadline) {
                        try {
                            never.await();
                        } catch (InterruptedException expected) {
                            interrupted.countDown();
                        }
                        return List.of();
                    }
                })));

        assertThat(slow.denied(toModel("hello"))).isEqualTo("detector-late");
        assertThat(interrupted.await(5, TimeUnit.SECONDS)).isTrue();
    }

    @Test
    void decide_withATextThatIsTooLong_isDenied() {
        assertThat(rig.denied(toModel("a".repeat(Detection.MAX_CHARACTERS + 1))))
                .isEqualTo("text-too-long");
        var pieces = new String[9];
        java.util.Arrays.fill(pieces, "hello ".repeat(10_000));
        assertThat(rig.denied(toModel(pieces))).isEqualTo("text-too-long");
    }

    @Test
    void decide_withAListenerThatThrows_isStillDenied() {
        var fragile = new GuardRig(parts -> parts.with((DenialListener) _ -> {
            throw new IllegalStateException("mail");
        }));

        assertThat(fragile.denied(act(CLINIC, Optional.empty(), "nobody", "language-model", "hello")))
                .isEqualTo("unknown-destination");
        assertThat(fragile.meter.counted("guard.alert.failed")).isOne();
    }

    @Test
    void decide_ofManyPieces_answersWithAsManyInOrder() {
        assertThat(rig.sent(toModel("one thing", "two things", "three")))
                .containsExactly("one thing", "two things", "three");
    }

    @Test
    void decide_forACallThatIsNotOpen_neverTokenises() {
        assertThat(rig.sent("my name is jane doe")).isEqualTo("my name is <PERSON>");
    }

    @Test
    void openCall_twice_isRefusedUntilItIsClosed() {
        var open = rig.guard.openCall(CLINIC, CALL);

        assertThatExceptionOfType(ConflictException.class).isThrownBy(() -> rig.guard.openCall(CLINIC, CALL));
        open.close();
        open.close();
        rig.guard.openCall(CLINIC, CALL).close();
    }

    @Test
    void openCall_beyondTheLimit_isRefusedAndACloseMakesRoomForOne() {
        var small = new GuardRig(parts -> parts.with(new GuardLimits(1, 1_000, Duration.ofSeconds(1))));
        var first = small.guard.openCall(CLINIC, CALL);

        assertThatExceptionOfType(LimitedException.class).isThrownBy(() -> small.guard.openCall(OTHER, CALL));
        first.close();
        first.close();
        small.guard.openCall(OTHER, CALL);
        assertThatExceptionOfType(LimitedException.class).isThrownBy(() -> small.guard.openCall(CLINIC, SECOND_CALL));
        assertThat(small.meter.gauged("guard.calls.open")).isOne();
    }

    @Test
    void verdict_printed_holdsNoText() {
        Verdict verdict = rig.guard.decide(toModel("tell them about the fever"));

        assertThat(verdict.toString()).doesNotContain("fever");
    }
}
