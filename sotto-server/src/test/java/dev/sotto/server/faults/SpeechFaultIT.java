package dev.sotto.server.faults;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sotto.audit.Verification;
import dev.sotto.simulator.Fault;
import dev.sotto.simulator.Service;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;

/// A transcriber and a synthesizer that throttle, fail and answer nonsense in the middle of calls: each caller is at
/// the
/// keypad in time, and whoever was verified stays verified.
class SpeechFaultIT {
    private static final List<Fault.Kind> FAULTS =
            List.of(Fault.Kind.RATE_LIMITED, Fault.Kind.SERVER_ERROR, Fault.Kind.BROKEN_JSON);
    private static final int TURNS = 4;
    private static final Duration IN_TIME = ModelFaultIT.INVITED
            .plus(ModelFaultIT.STRETCH)
            .plus(ModelFaultIT.PATIENCE)
            .plus(ModelFaultIT.HAND_OVER);

    @Test
    void services_thatFailInTheMiddle_leaveVerifiedCallersAtTheKeypadInTime() throws Exception {
        // Callers introduce themselves again and again; only the first time of each verifies anybody.
        List<String> heard = Collections.nCopies(60, Scenes.INTRODUCTION);
        try (var node = TalkingNode.start(
                        Scenes.model(List.of()), Scenes.hearing(heard), simulator -> simulator.baseUri());
                var phone = node.phone()) {
            failing(node, phone, Service.SPEECH);
            failing(node, phone, Service.TRANSCRIPTION);
            assertThat(node.paper().healthy()).isTrue();
            assertThat(node.node().core().services().verifyAudit()).isInstanceOf(Verification.Intact.class);
        }
    }

    private static void failing(TalkingNode node, Phone phone, Service service) throws Exception {
        var paper = node.paper();
        List<Phone.Line> lines = ModelFaultIT.talk(phone, FAULTS.size(), TURNS, false);
        for (Phone.Line line : lines) {
            Await.until(
                    "the caller is verified: " + line,
                    () -> ModelFaultIT.words(paper, line).contains("verify_identity: verified"));
        }
        FAULTS.forEach(fault -> node.simulator().inject(service, Fault.of(fault), 1));
        for (Phone.Line line : lines) {
            String who = service + ": " + line;
            Await.until("the keypad takes over: " + who, () -> line.heard("appointment.next") || line.over());
            line.hangUp();
            ModelFaultIT.awaitEnd(paper, line);
            assertThat(line.heard("handover.keys")).as(who).isTrue();
            assertThat(line.heard("appointment.next")).as(who).isTrue();
            assertThat(line.quietBefore("handover.keys")).as(who).isLessThan(IN_TIME);
            assertThat(paper.call(line.id()).path("verified").asBoolean(false))
                    .as(who)
                    .isTrue();
        }
        node.simulator().clearFaults();
    }
}
