package dev.sotto.guard;

import static dev.sotto.guard.GuardRig.listening;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.sotto.core.Admission;
import dev.sotto.core.DataClass;
import dev.sotto.core.Passage;
import dev.sotto.core.StreamDisclosure;
import dev.sotto.core.UnavailableException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class PassageTest {
    private final GuardRig rig = new GuardRig();

    private Passage granted() {
        Admission admission = rig.guard.grant(listening());
        assertThat(admission).isInstanceOf(Admission.Granted.class);
        return ((Admission.Granted) admission).passage();
    }

    @Test
    void grant_allowed_isRecordedFirst_andTotalsAtTheEndOnce() {
        Passage passage = granted();
        assertThat(rig.audit.types()).containsExactly("disclosure.allowed");
        passage.sent(1, 160);
        passage.sent(2, 320);
        passage.close();
        passage.close();

        assertThat(passage.open()).isFalse();
        assertThat(rig.audit.types()).containsExactly("disclosure.allowed", "disclosure.ended");
        assertThat(rig.audit.events().getLast().details())
                .containsEntry("units", "3")
                .containsEntry("bytes", "480")
                .containsEntry("rule", "healthcare-listening")
                .containsEntry("stream", "true");
    }

    @Test
    void grant_whileTheAuditLogIsDown_isDenied() {
        rig.audit.goDown();

        assertThat(rig.guard.grant(listening())).isEqualTo(new Admission.Denied("audit-unavailable"));
    }

    @Test
    void grant_forARuleWithoutStreams_isDenied() {
        var text = new StreamDisclosure(
                GuardRig.CLINIC, Optional.empty(), "simulator", DataClass.TRANSCRIPT, "language-model");

        assertThat(rig.guard.grant(text)).isEqualTo(new Admission.Denied("no-rule"));
        assertThat(rig.audit.types()).containsExactly("disclosure.denied");
        assertThat(rig.denials).hasSize(1);
    }

    @Test
    void passage_whenTheAgreementEndsInMidCall_shutsForGoodAndAlertsOnce() {
        rig.rules.set(GuardRules.parse(GuardRules.shippedPolicy(), GuardTest.signed("2026-01-01", "2026-11-27")));
        Passage passage = granted();
        rig.clock.advance(Duration.ofHours(11));
        assertThat(passage.open()).isTrue();

        rig.clock.advance(Duration.ofHours(1)); // midnight
        assertThat(passage.open()).isFalse();
        assertThat(passage.open()).isFalse();
        rig.rules.set(GuardRules.shipped());
        assertThat(passage.open()).isFalse();

        assertThat(rig.denials)
                .singleElement()
                .extracting(DenialListener.Denial::rule)
                .isEqualTo("agreement-not-active");
        passage.close();
        assertThat(rig.audit.events().getLast().details()).containsEntry("shut", "agreement-not-active");
    }

    @Test
    void passage_whenThePolicyNoLongerAllowsIt_shuts() {
        Passage passage = granted();
        rig.rules.set(GuardRig.rulesWith("entities: {PHONE: keep}"));

        assertThat(passage.open()).isFalse();
        assertThat(rig.denials)
                .singleElement()
                .extracting(DenialListener.Denial::rule)
                .isEqualTo("no-rule");
    }

    @Test
    void passage_whenThePolicyChangesAndStillAllowsIt_staysOpen() {
        Passage passage = granted();
        rig.rules.set(GuardRules.parse(GuardRules.shippedPolicy() + "\n", GuardRules.shippedRegister()));

        assertThat(passage.open()).isTrue();
    }

    @Test
    void close_whileTheAuditLogIsDown_failsAndIsClosed() {
        Passage passage = granted();
        rig.audit.goDown();

        assertThatExceptionOfType(UnavailableException.class).isThrownBy(passage::close);
        assertThat(passage.open()).isFalse();
    }

    @Test
    void sent_ofLessThanNothing_isRefused() {
        assertThatIllegalArgumentException().isThrownBy(() -> granted().sent(-1, 0));
    }

    @Test
    void sent_fromManyThreads_isCountedWhole() throws InterruptedException {
        Passage passage = granted();
        var start = new CountDownLatch(1);
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            for (int i = 0; i < 8; i++) {
                threads.execute(() -> {
                    await(start);
                    for (int frame = 0; frame < 500; frame++) {
                        passage.sent(1, 160);
                    }
                });
            }
            start.countDown();
        }
        passage.close();

        assertThat(rig.audit.events().getLast().details())
                .containsEntry("units", "4000")
                .containsEntry("bytes", "640000");
    }

    private static void await(CountDownLatch latch) {
        try {
            if (!latch.await(5, TimeUnit.SECONDS)) {
                throw new IllegalStateException("nobody started");
            }
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
