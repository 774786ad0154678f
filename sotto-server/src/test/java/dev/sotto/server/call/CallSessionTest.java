package dev.sotto.server.call;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sotto.core.SensitiveText;
import dev.sotto.media.AfterStream;
import dev.sotto.media.Answer;
import dev.sotto.media.AudioClip;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/// Calls to a host whose API this machine may not ask.
final class CallSessionTest {
    private final StringWriter paper = new StringWriter();

    private CallSession.Result call(ScriptedDesk desk) {
        var target = new CallTarget(
                desk.voiceUrl(),
                ScriptedDesk.ACCOUNT,
                "+15550100100",
                "elsewhere",
                PeerTrust.of(List.of(TestIdentity.certificate())),
                Optional.empty());
        var plan = new CallPlan(
                SensitiveText.of("+15550110001"),
                "+15550100100",
                AudioClip.silence(Duration.ofMillis(100)),
                KeyPlan.none(),
                KeyTiming.practised(),
                true,
                Duration.ofSeconds(10));
        return new CallSession(target, plan, new PrintWriter(paper), false).run();
    }

    @Test
    void run_withoutOperatorAccess_tellsWhatWasHeardAndSaysSo() throws Exception {
        try (var desk = new ScriptedDesk()) {
            desk.script = (leg, sid) -> {
                leg.play(ScriptedDesk.tone(300), "hello");
                return new ScriptedDesk.Talk(leg, sid);
            };

            assertThat(call(desk)).isEqualTo(CallSession.Result.HEARD);

            List<String> lines = paper.toString().lines().toList();
            assertThat(lines).hasSize(3);
            assertThat(lines.getFirst()).isEqualTo("calling elsewhere, +15550100100");
            assertThat(lines.getLast())
                    .matches(
                            "call [0-9A-Z]{26}: \\d s · heard 0\\.3 s of audio, 0\\.3 s of it speech · 1 mark · 0 clears"
                                    + " · 0 keys · turns and log not read: no operator access to that host");
        }
    }

    @Test
    void run_transferred_saysWhereTo() throws Exception {
        try (var desk = new ScriptedDesk()) {
            desk.after = new AfterStream.Dial("+15550100199");
            desk.script = (leg, sid) -> {
                leg.close();
                return new ScriptedDesk.Talk(leg, sid);
            };

            assertThat(call(desk)).isEqualTo(CallSession.Result.HEARD);
            assertThat(paper.toString().lines()).contains("transferred to +15550100199");
        }
    }

    @Test
    void run_refused_isNegative() throws Exception {
        try (var desk = new ScriptedDesk()) {
            desk.answer = Optional.of(new Answer.Refuse(Answer.RejectReason.REJECTED));

            assertThat(call(desk)).isEqualTo(CallSession.Result.NOT_VERIFIED);
            assertThat(paper.toString().lines()).last().isEqualTo("the call was not taken: rejected");
        }
    }
}
