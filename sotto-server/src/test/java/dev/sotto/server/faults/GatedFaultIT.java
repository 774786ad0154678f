package dev.sotto.server.faults;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sotto.audit.Verification;
import dev.sotto.guard.GuardRules;
import dev.sotto.server.faults.Scenes.Wrong;
import dev.sotto.simulator.Fault;
import dev.sotto.simulator.Pace;
import dev.sotto.simulator.Service;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/// Realtime providers that go wrong in the middle of calls, as their callers hear it. The calls of a test run side by
/// side.
class GatedFaultIT {
    private static final Duration HAND_OVER = Duration.ofSeconds(2);
    /// A pause that invites the caller, what the caller says, the silence that ends it, and the provider's patience.
    private static final Duration BEFORE = Duration.ofMillis(1_300 + 600 + 500 + 2_000);

    private static final String ANSWER = "There is a lot to tell about apples.";
    private static final List<Wrong> APPLES = List.of(new Wrong("apples", ""));

    private static List<Phone.Line> talk(Phone phone, int calls, int turns) {
        List<Phone.Line> lines = new ArrayList<>();
        for (int i = 0; i < calls; i++) {
            lines.add(phone.talk(ModelFaultIT.turns(turns), false));
        }
        return lines;
    }

    private static String words(Paper paper, Phone.Line line) throws Exception {
        return paper.turns(line.id()).stream().map(Paper.Turn::text).collect(Collectors.joining("\n"));
    }

    private static void end(Paper paper, Phone.Line line) throws Exception {
        line.hangUp();
        line.await();
        Await.until(
                "the call is closed",
                () -> !paper.entries(line.id(), "call.ended").isEmpty());
    }

    /// A call that ends while it is greeted: the first session of a process takes its time.
    private static void warm(TalkingNode node, Phone phone) throws Exception {
        var line = phone.talk(ModelFaultIT.turns(1), false);
        Await.until("a session is there", () -> Wire.count(node.simulator(), "session.update") > 0);
        line.hangUp();
        line.await();
    }

    /// One after the other has its session, then they go on side by side.
    private static List<Phone.Line> connected(TalkingNode node, Phone phone, int calls, int turns) throws Exception {
        List<Phone.Line> lines = new ArrayList<>();
        for (int i = 0; i < calls; i++) {
            int before = Wire.count(node.simulator(), "session.update");
            lines.addAll(talk(phone, 1, turns));
            Await.until("a session is there", () -> Wire.count(node.simulator(), "session.update") > before);
        }
        return lines;
    }

    /// Each fault that a provider does not survive takes one call; a socket that is cut takes none. What is left of the
    /// calls is verified by then, and lost with the last fault.
    @Test
    void provider_thatIsLostInMidAnswer_leavesTheCallerAtTheKeypadInTime_verifiedOrNot() throws Exception {
        var fatal = List.of(
                Fault.Kind.STALL,
                Fault.Kind.RATE_LIMITED,
                Fault.Kind.SERVER_ERROR,
                Fault.Kind.BROKEN_JSON,
                Fault.Kind.HUGE_FRAME);
        try (var node = TalkingNode.gated(Scenes.model(APPLES), Pace.IMMEDIATE, "");
                var phone = node.phone()) {
            var paper = node.paper();
            var simulator = node.simulator();
            warm(node, phone);
            fatal.forEach(kind -> simulator.inject(Service.REALTIME_RESPONSE, Fault.of(kind), 1));
            simulator.inject(Service.REALTIME_RESPONSE, Fault.of(Fault.Kind.CLOSE), 1);
            simulator.inject(Service.REALTIME_RESPONSE, Fault.delay(Duration.ofMillis(1)), 2);
            simulator.inject(Service.REALTIME_RESPONSE, Fault.of(Fault.Kind.STALL), 1);

            int verified = 0;
            for (Phone.Line line : connected(node, phone, fatal.size() + 1, 2)) {
                Await.until(
                        "the keypad takes over: " + line,
                        () -> line.heard("appointment.next") || line.heard("ask.dob") || line.over());
                end(paper, line);
                assertThat(line.heard("handover.keys")).as(line.toString()).isTrue();
                assertThat(line.quietBefore("handover.keys")).isLessThan(BEFORE.plus(HAND_OVER));
                assertThat(words(paper, line)).doesNotContain(ANSWER);
                boolean known = words(paper, line).contains("verify_identity: verified");
                assertThat(line.heard("appointment.next")).as(line.toString()).isEqualTo(known);
                verified += known ? 1 : 0;
            }
            assertThat(verified).isEqualTo(1);
            assertThat(paper.metric("sotto_agent_gated_reopening_total")).isPositive();
            assertThat(paper.healthy()).isTrue();
            assertThat(node.node().core().services().verifyAudit()).isInstanceOf(Verification.Intact.class);
        }
    }

    @Test
    void guessesThatNeverEnd_eventsOutOfOrder_andAnAgreementThatEnds_leaveNobodyInSilence() throws Exception {
        try (var node = TalkingNode.gated(Scenes.model(APPLES), Pace.IMMEDIATE, "");
                var phone = node.phone()) {
            var paper = node.paper();
            var simulator = node.simulator();
            warm(node, phone);
            simulator.inject(Service.REALTIME_HEARING, Fault.of(Fault.Kind.NEVER_FINAL), 1);
            simulator.inject(Service.REALTIME_RESPONSE, Fault.of(Fault.Kind.OUT_OF_ORDER), 1);
            var lines = connected(node, phone, 3, 40);

            Await.until("one is not understood", () -> paper.metric("sotto_agent_gated_deaf_total") == 1);
            Await.until(
                    "one is answered", () -> lines.stream().anyMatch(line -> heard(paper, line, "You are verified.")));
            node.writeRegister(GuardRules.shippedRegister()
                    .replaceFirst("status: not-needed", "status: signed, from: 2024-01-01, until: 2024-12-31"));
            for (Phone.Line line : lines) {
                Await.until("the keypad takes over: " + line, () -> line.heard("handover.keys") || line.over());
                assertThat(line.heard("handover.keys")).as(line.toString()).isTrue();
            }
            int frames = Wire.frames(simulator);
            // They go on speaking, to nobody but the keypad.
            Await.until("the keypad asks", () -> {
                for (Phone.Line line : lines) {
                    if (!line.heard("ask.dob") && !line.heard("appointment.next")) {
                        return false;
                    }
                }
                return true;
            });
            for (Phone.Line line : lines) {
                end(paper, line);
            }
            assertThat(Wire.frames(simulator)).isEqualTo(frames);
            accounted(paper, lines, frames);
            assertThat(paper.healthy()).isTrue();
            assertThat(node.node().core().services().verifyAudit()).isInstanceOf(Verification.Intact.class);
        }
    }

    /// Every frame that came was counted under a passage, and passages were shut by the register.
    private static void accounted(Paper paper, List<Phone.Line> lines, int frames) throws Exception {
        int units = 0;
        int shut = 0;
        for (Phone.Line line : lines) {
            for (Paper.Entry entry : paper.entries(line.id(), "disclosure.ended")) {
                units += Integer.parseInt(entry.details().get("units"));
                shut += "agreement-not-active".equals(entry.details().get("shut")) ? 1 : 0;
            }
        }
        assertThat(units).isEqualTo(frames);
        assertThat(shut).isPositive();
    }

    private static boolean heard(Paper paper, Phone.Line line, String text) {
        try {
            return words(paper, line).contains(text);
        } catch (Exception failure) {
            throw new AssertionError("the call cannot be read", failure);
        }
    }
}
