package dev.sotto.agent;

import static dev.sotto.agent.FakeRealtime.Session.asks;
import static dev.sotto.agent.FakeRealtime.Session.ends;
import static dev.sotto.agent.FakeRealtime.Session.said;
import static dev.sotto.agent.FakeRealtime.Session.says;
import static dev.sotto.agent.FakeRealtime.Session.sound;
import static dev.sotto.agent.FakeRealtime.Session.soundEnds;
import static dev.sotto.agent.GatedRig.greeted;
import static dev.sotto.agent.GatedRig.hears;
import static dev.sotto.agent.GatedRig.until;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sotto.core.SensitiveText;
import dev.sotto.model.ModelError;
import dev.sotto.model.RealtimeEvent;
import dev.sotto.model.RealtimeEvent.Status;
import java.time.Duration;
import java.time.LocalDateTime;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;

/// What goes wrong with a realtime provider, and what the caller meets then.
class GatedFaultTest {
    private static final Duration SOON = Duration.ofMillis(200);

    private final GatedRig gated = new GatedRig();

    private static void verified(FakeRealtime.Session session) throws Exception {
        session.hears("i1", "This is Maren Oakfield");
        assertThat(session.told()).startsWith("replace i1");
        assertThat(session.told()).isEqualTo("respond");
        session.begins("r1")
                .happens(
                        asks("r1", "c1", "verify_identity", "{\"name\":\"<PERSON_1>\",\"birth_date\":\"19840512\"}"),
                        ends("r1", Status.COMPLETED));
        assertThat(session.told()).startsWith("tell tool c1");
        assertThat(session.told()).isEqualTo("respond");
    }

    /// The keypad goes on where the caller was.
    private static void atTheKeypad(CallRig rig) throws Exception {
        rig.hears("handover.keys").hears("ask.dob");
    }

    private static void verifiedAtTheKeypad(CallRig rig) throws Exception {
        rig.hears("handover.keys");
        rig.hears(Phrase.of("appointment.next").then(Phrase.when(LocalDateTime.parse("2026-11-24T10:30"))));
        rig.hears("menu.appointment");
    }

    @Test
    void provider_outOfPolicyFromTheStart_isNotConnectedAndTheKeypadAnswers() throws Exception {
        gated.guard.outOfPolicy = GatedLine.PURPOSE;
        try (var rig = gated.rig()) {
            rig.start();
            until(() -> rig.meter.counted("agent.gated.ungranted") == 1);
            rig.announced();
            until(() -> rig.file.acts.stream().anyMatch(act -> act.startsWith("handed over ")));
            assertThat(rig.file.served).isEqualTo(GatedModels.MODE);
            gated.noise(rig);
            assertThat(gated.provider.none()).isTrue();
        }
    }

    @Test
    void provider_thatIsDown_leavesTheCallerAtTheKeypad() throws Exception {
        gated.provider.downFor(2);
        try (var rig = gated.rig()) {
            rig.start();
            until(() -> rig.meter.counted("agent.gated.lost") == 1);
            rig.announced();
        }
    }

    @Test
    void provider_thatIsDownForAMoment_isAskedAgainWhileTheAnnouncementPlays() throws Exception {
        gated.provider.downFor(1);
        try (var rig = gated.rig()) {
            greeted(rig);
            gated.provider.next().hears("i1", "Hello");
        }
    }

    @Test
    void passage_thatIsShutInMidCall_letsNothingMoreOutAndHandsOver() throws Exception {
        try (var rig = gated.rig()) {
            greeted(rig);
            var session = gated.provider.next();
            gated.noise(rig);
            until(() -> session.frames.size() == 25);
            gated.guard.passageShut = true;
            gated.noise(rig);
            atTheKeypad(rig);
            gated.noise(rig);
            assertThat(session.frames).hasSize(25);
            until(() -> gated.guard.passageClosed);
            assertThat(gated.provider.none()).isTrue();
        }
    }

    @Test
    void disclosure_thatCannotBeRecorded_isNotMadeAndHandsOver() throws Exception {
        try (var rig = gated.rig()) {
            greeted(rig);
            var session = gated.provider.next();
            gated.guard.down = GatedLine.PURPOSE;
            session.hears("i1", "Hello");
            atTheKeypad(rig);
            assertThat(session.toldNothing()).isTrue();
        }
    }

    @Test
    void judgement_thatCannotBeRecorded_letsNothingBeHeardAndHandsOver() throws Exception {
        try (var rig = gated.rig()) {
            greeted(rig);
            var session = gated.provider.next();
            gated.guard.down = SpeechMouth.PURPOSE;
            session.hears("i1", "Hello");
            assertThat(session.told()).isEqualTo("respond");
            session.answers("r1", "Hello.");
            atTheKeypad(rig);
        }
    }

    @Test
    void words_thatDoNotCome_areNotWaitedForLongerThanTheHold() throws Exception {
        var impatient = new GatedRig(GatedRig.PATIENCE, SOON, false);
        try (var rig = impatient.rig()) {
            greeted(rig);
            var session = impatient.provider.next();
            session.hears("i1", "Hello");
            assertThat(session.told()).isEqualTo("respond");
            session.begins("r1").happens(sound("r1", 8_000), says("r1", "Not a whole"));
            atTheKeypad(rig);
            assertThat(rig.meter.counted("agent.gated.held")).isEqualTo(1);
        }
    }

    @Test
    void guesses_thatNeverBecomeFinal_areNotWaitedForLongerThanThePatience() throws Exception {
        var impatient = new GatedRig(SOON, GatedRig.PATIENCE, false);
        try (var rig = impatient.rig()) {
            greeted(rig);
            var session = impatient.provider.next();
            session.happens(
                    new RealtimeEvent.SpeechStarted("i1", Duration.ofMillis(100)),
                    new RealtimeEvent.HeardPartly("i1", SensitiveText.of("My name is")),
                    new RealtimeEvent.SpeechStopped("i1", Duration.ofMillis(700)),
                    new RealtimeEvent.Committed("i1"),
                    new RealtimeEvent.HeardPartly("i1", SensitiveText.of(" Maren")));
            atTheKeypad(rig);
            assertThat(rig.meter.counted("agent.gated.deaf")).isEqualTo(1);
            assertThat(session.toldNothing()).isTrue();
            assertThat(gated.guard.sent).isEmpty();
        }
    }

    @Test
    void session_thatBreaks_isOpenedAnewOnceWithTheConversationAsTheGuardAllowsIt() throws Exception {
        try (var rig = gated.rig()) {
            greeted(rig);
            var session = gated.provider.next();
            verified(session);
            session.breaks(ModelError.SESSION_ENDED);
            var second = gated.provider.next();
            assertThat(second.conversation)
                    .containsExactly(
                            "be kind",
                            "caller: This is <PERSON_1>",
                            "agent: [verify_identity]",
                            "tool c1: {\"verified\":true}");
            assertThat(second.told()).isEqualTo("respond");
            gated.noise(rig);
            until(() -> second.frames.size() == 25);
            second.breaks(ModelError.SESSION_ENDED);
            verifiedAtTheKeypad(rig);
            assertThat(gated.provider.none()).isTrue();
        }
    }

    @Test
    void session_thatBreaksInMidAnswer_goesOnWithWhatWasHeard() throws Exception {
        try (var rig = gated.rig()) {
            greeted(rig);
            var session = gated.provider.next();
            session.hears("i1", "Hello");
            assertThat(session.told()).isEqualTo("respond");
            session.begins("r1").happens(says("r1", "I am here. And"), sound("r1", 20_000));
            hears(rig, Duration.ofMillis(340));
            session.breaks(ModelError.SESSION_ENDED);
            var second = gated.provider.next();
            assertThat(second.conversation).containsExactly("be kind", "caller: Hello", "agent: I am here.");
            assertThat(second.told()).isEqualTo("respond");
            second.answers("r2", "How can I help?");
            hears(rig, GatedRig.sound("How can I help?"));
        }
    }

    @Test
    void session_thatBreaksAndIsNotThereAgainInTime_leavesTheVerifiedCallerAtTheKeypad() throws Exception {
        try (var rig = gated.rig()) {
            greeted(rig);
            var session = gated.provider.next();
            verified(session);
            gated.provider.opens = new CountDownLatch(1);
            session.breaks(ModelError.SESSION_ENDED);
            verifiedAtTheKeypad(rig);
        }
    }

    @Test
    void session_thatStalls_isNotTriedAgain() throws Exception {
        try (var rig = gated.rig()) {
            greeted(rig);
            var session = gated.provider.next();
            verified(session);
            session.breaks(ModelError.ANSWER_STALLED);
            verifiedAtTheKeypad(rig);
            assertThat(gated.provider.none()).isTrue();
        }
    }

    @Test
    void response_thatFailsOrIsRefused_handsOver() throws Exception {
        try (var rig = gated.rig()) {
            greeted(rig);
            var session = gated.provider.next();
            session.hears("i1", "Hello");
            assertThat(session.told()).isEqualTo("respond");
            session.happens(new RealtimeEvent.Refused("item_truncate_invalid_item_id", false));
            session.begins("r1").happens(ends("r1", Status.FAILED));
            atTheKeypad(rig);
        }
        try (var rig = gated.rig()) {
            gated.guard.passageClosed = false;
            greeted(rig);
            var session = gated.provider.next();
            session.hears("i1", "Hello");
            assertThat(session.told()).isEqualTo("respond");
            session.happens(new RealtimeEvent.Refused("rate_limit_exceeded", true));
            atTheKeypad(rig);
        }
    }

    @Test
    void answer_withoutEnd_isNotHeardToItsEnd() throws Exception {
        try (var rig = gated.rig()) {
            greeted(rig);
            var session = gated.provider.next();
            session.hears("i1", "Hello");
            assertThat(session.told()).isEqualTo("respond");
            session.begins("r1");
            for (int i = 0; i < 600; i++) {
                session.happens(says("r1", "and "));
            }
            atTheKeypad(rig);
        }
    }

    @Test
    void tools_withoutEnd_endTheAnswer() throws Exception {
        try (var rig = gated.rig()) {
            greeted(rig);
            var session = gated.provider.next();
            session.hears("i1", "Hello");
            for (int i = 0; i < Dialogue.MAX_REQUESTS; i++) {
                assertThat(session.told()).isEqualTo("respond");
                session.begins("r" + i)
                        .happens(asks("r" + i, "c" + i, "unknown_tool", "{}"), ends("r" + i, Status.COMPLETED));
                if (i < Dialogue.MAX_REQUESTS - 1) {
                    assertThat(session.told()).startsWith("tell tool c" + i);
                }
            }
            rig.timers.awaitPending(CallRig.TIMES.noInput());
            assertThat(session.toldNothing()).isTrue();
        }
    }

    @Test
    void events_inAnotherOrder_areUnderstood() throws Exception {
        try (var rig = gated.rig()) {
            greeted(rig);
            var session = gated.provider.next();
            // The words before the turn that they belong to.
            session.happens(new RealtimeEvent.Heard("i1", 0, SensitiveText.of("Hello")));
            assertThat(session.told()).isEqualTo("respond");
            session.begins("r1")
                    .happens(
                            said("r1", "Hello there."),
                            says("r9", "Whose words are these?"),
                            sound("r9", 8_000),
                            sound("r1", 6_000),
                            soundEnds("r1"),
                            ends("r9", Status.COMPLETED),
                            ends("r1", Status.COMPLETED));
            hears(rig, Duration.ofMillis(750));
            assertThat(rig.leg.silent()).isTrue();
        }
    }

    @Test
    void provider_thatHearsMoreThanAnybodySays_isLeft() throws Exception {
        try (var rig = gated.rig()) {
            greeted(rig);
            var session = gated.provider.next();
            for (int i = 0; i < 100; i++) {
                session.happens(new RealtimeEvent.SpeechStarted("i" + i, Duration.ofMillis(i)));
            }
            atTheKeypad(rig);
        }
    }

    @Test
    void call_thatEndsWhileTheSessionIsOpened_leavesNothingBehind() throws Exception {
        gated.provider.opens = new CountDownLatch(1);
        try (var rig = gated.rig()) {
            rig.start().hears("announce.ai", "announce.recorded");
            rig.leg.hangUp();
            rig.ended();
            gated.provider.opens.countDown();
            var late = gated.provider.next();
            until(() -> gated.guard.passageClosed && gated.guard.closed);
            gated.noise(rig);
            assertThat(late.frames).isEmpty();
        }
    }
}
