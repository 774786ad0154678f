package dev.sotto.server.faults;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sotto.audit.Verification;
import dev.sotto.simulator.Fault;
import dev.sotto.simulator.Fault.Kind;
import dev.sotto.simulator.Service;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;

/// A transcriber and a synthesizer that throttle, fail and answer nonsense in the middle of calls: each caller is at
/// the
/// keypad in time, and whoever was verified stays verified.
class SpeechFaultIT {
    private static final int CALLERS = 3;
    private static final int TURNS = 4;
    /// Longer than a provider that is asked again and again lasts.
    private static final int ROUNDS = 10;

    private static final Duration IN_TIME = ModelFaultIT.INVITED
            .plus(ModelFaultIT.STRETCH)
            .plus(ModelFaultIT.PATIENCE)
            .plus(ModelFaultIT.HAND_OVER);

    @Test
    void transcriber_thatFailsInTheMiddle_leavesVerifiedCallersAtTheKeypadInTime() throws Exception {
        failing(Service.TRANSCRIPTION, List.of(Kind.RATE_LIMITED, Kind.SERVER_ERROR, Kind.BROKEN_JSON));
    }

    @Test
    void synthesizer_thatFailsInTheMiddle_leavesVerifiedCallersAtTheKeypadInTime() throws Exception {
        failing(Service.SPEECH, List.of(Kind.RATE_LIMITED, Kind.SERVER_ERROR, Kind.CLOSE));
    }

    private static void failing(Service service, List<Kind> faults) throws Exception {
        // Callers introduce themselves again and again; only the first time of each verifies anybody.
        var heard = Collections.nCopies(60, Scenes.INTRODUCTION);
        try (var node = TalkingNode.start(
                        Scenes.model(List.of()), Scenes.hearing(heard), simulator -> simulator.baseUri());
                var phone = node.phone()) {
            var paper = node.paper();
            List<Phone.Line> lines = ModelFaultIT.talk(phone, CALLERS, TURNS, false);
            for (Phone.Line line : lines) {
                Await.until(
                        "the caller is verified: " + line,
                        () -> ModelFaultIT.words(paper, line).contains("verify_identity: verified"));
            }
            for (int i = 0; i < ROUNDS; i++) {
                faults.forEach(fault -> node.simulator().inject(service, Fault.of(fault), 1));
            }
            for (Phone.Line line : lines) {
                Await.until("the keypad takes over: " + line, () -> line.heard("appointment.next") || line.over());
                line.hangUp();
                ModelFaultIT.awaitEnd(paper, line);
                assertThat(line.heard("handover.keys")).as(line.toString()).isTrue();
                assertThat(line.heard("appointment.next")).as(line.toString()).isTrue();
                assertThat(line.quietBefore("handover.keys"))
                        .as(line.toString())
                        .isLessThan(IN_TIME);
                assertThat(paper.call(line.id()).path("verified").asBoolean(false))
                        .as(line.toString())
                        .isTrue();
            }
            assertThat(paper.healthy()).isTrue();
            assertThat(node.node().core().services().verifyAudit()).isInstanceOf(Verification.Intact.class);
        }
    }
}
