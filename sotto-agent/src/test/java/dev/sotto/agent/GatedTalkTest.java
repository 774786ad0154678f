package dev.sotto.agent;

import static dev.sotto.agent.FakeRealtime.Session.asks;
import static dev.sotto.agent.FakeRealtime.Session.ends;
import static dev.sotto.agent.FakeRealtime.Session.said;
import static dev.sotto.agent.FakeRealtime.Session.says;
import static dev.sotto.agent.FakeRealtime.Session.sound;
import static dev.sotto.agent.FakeRealtime.Session.soundEnds;
import static dev.sotto.agent.GatedRig.greeted;
import static dev.sotto.agent.GatedRig.hears;
import static dev.sotto.agent.GatedRig.turns;
import static dev.sotto.agent.GatedRig.until;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sotto.model.AudioChunk;
import dev.sotto.model.RealtimeEvent;
import dev.sotto.model.RealtimeEvent.Status;
import dev.sotto.store.CallOutcome;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/// Whole calls in gated mode, through the real loop.
class GatedTalkTest {
    private final GatedRig gated = new GatedRig();

    @Test
    void caller_isHeardAndAnsweredThroughTheGuard() throws Exception {
        try (var rig = gated.rig()) {
            greeted(rig);
            var session = gated.provider.next();
            gated.noise(rig);
            gated.quiet(rig);
            until(() -> session.frames.size() == 55);
            session.hears("i1", "This is Maren Oakfield");
            assertThat(session.told()).isEqualTo("replace i1 caller: This is <PERSON_1>");
            assertThat(session.told()).isEqualTo("respond");
            session.answers("r1", "Hello there. How can I help?");
            hears(rig, GatedRig.sound("Hello there. How can I help?"));
            rig.listens();
            until(() -> turns(rig).contains("agent: How can I help?"));
            rig.leg.hangUp();

            assertThat(rig.ended().outcome()).isEqualTo(CallOutcome.HUNG_UP);
            assertThat(turns(rig))
                    .containsSubsequence("caller: This is [PERSON]", "agent: Hello there.", "agent: How can I help?");
            assertThat(gated.guard.sent)
                    .extracting(FakeTurnGuard.Sent::purpose)
                    .containsExactly(GatedLine.PURPOSE, GatedLine.PURPOSE, Mouth.PURPOSE, Mouth.PURPOSE);
            assertThat(gated.guard.heardFrames.get()).isEqualTo(55);
            assertThat(rig.meter.timed("agent.gated.hold")).isNotEmpty();
            assertThat(rig.meter.timed("agent.gated.audio_to_frame")).hasSize(1);
        }
        until(() -> gated.guard.closed && gated.guard.passageClosed);
    }

    @Test
    void sound_beforeItsWordsPassed_isNotHeard() throws Exception {
        try (var rig = gated.rig()) {
            greeted(rig);
            var session = gated.provider.next();
            session.hears("i1", "Hello");
            assertThat(session.told()).isEqualTo("respond");
            session.begins("r1").happens(sound("r1", 4_000), says("r1", "Nice to meet"), sound("r1", 4_000));
            until(session::allTaken);
            assertThat(rig.leg.silent()).isTrue();
            session.happens(says("r1", " you. And"));
            // 13 letters cover 650 ms of the second that is there, in whole frames.
            hears(rig, Duration.ofMillis(640));
            session.happens(says("r1", " so on."), said("r1", "Nice to meet you. And so on."), soundEnds("r1"));
            hears(rig, Duration.ofMillis(1_000 - 640));
            assertThat(gated.guard.sent.getLast().pieces()).containsExactly("And so on.");
        }
    }

    @Test
    void sentence_thatMayNotBeHeard_isNotHeardAndEndsTheAnswer() throws Exception {
        gated.guard.blocked = "diagnosis";
        try (var rig = gated.rig()) {
            greeted(rig);
            var session = gated.provider.next();
            session.hears("i1", "Tell me");
            assertThat(session.told()).isEqualTo("respond");
            session.begins("r1")
                    .happens(sound("r1", 40_000), says("r1", "Well then, dear caller. Your diagnosis is bad. Sorry."));
            hears(rig, Duration.ofMillis(18 * 50));
            rig.hears("talk.blocked");
            assertThat(session.told()).isEqualTo("cancel r1");
            session.happens(
                    soundEnds("r1"),
                    said("r1", "Well then, dear caller. Your diagnosis is bad. Sorry."),
                    ends("r1", Status.CANCELLED));
            rig.listens();
            session.hears("i2", "And now?");
            assertThat(session.told()).isEqualTo("truncate item-r1 0 900");
            assertThat(session.told()).isEqualTo("respond");
            assertThat(rig.leg.silent()).isTrue();
        }
    }

    @Test
    void sentence_thatTheGuardWouldChange_isNotHeard() throws Exception {
        try (var rig = gated.rig()) {
            greeted(rig);
            var session = gated.provider.next();
            session.hears("i1", "Who am I?");
            assertThat(session.told()).isEqualTo("respond");
            session.answers("r1", "You are <PERSON_1>.");
            rig.hears("talk.blocked");
        }
    }

    @Test
    void sound_withoutWords_isNotHeard() throws Exception {
        try (var rig = gated.rig()) {
            greeted(rig);
            var session = gated.provider.next();
            session.hears("i1", "Sing");
            assertThat(session.told()).isEqualTo("respond");
            session.begins("r1")
                    .happens(said("r1", ""), sound("r1", 8_000), soundEnds("r1"), ends("r1", Status.COMPLETED));
            rig.hears("talk.blocked");
        }
    }

    @Test
    void callersWords_thatMayNotBeSent_areTakenBackAndNothingIsAsked() throws Exception {
        gated.guard.blocked = "secret";
        try (var rig = gated.rig()) {
            greeted(rig);
            var session = gated.provider.next();
            session.hears("i1", "My secret is out");
            rig.hears("talk.blocked").listens();
            assertThat(session.told()).isEqualTo("delete i1");
            session.hears("i2", "Never mind");
            assertThat(session.told()).isEqualTo("respond");
        }
    }

    @Test
    void speech_whileTheModelTalks_stopsItWhereTheCallerHeardIt() throws Exception {
        String words = "This is a long sentence about nothing much.";
        try (var rig = gated.rig()) {
            greeted(rig);
            var session = gated.provider.next();
            session.hears("i1", "Hello");
            assertThat(session.told()).isEqualTo("respond");
            session.begins("r1").happens(says("r1", words), sound("r1", 35 * FakeRealtime.LETTER_BYTES));
            session.happens(said("r1", words), soundEnds("r1"));
            hears(rig, GatedRig.sound(words));
            rig.timers.advance(Duration.ofMillis(500));
            gated.noise(rig);
            until(() -> rig.leg.clears() == 1);
            assertThat(session.told()).isEqualTo("cancel r1");
            assertThat(session.told()).isEqualTo("truncate item-r1 0 500");

            // What is asked next waits for the end of what was cancelled.
            session.hears("i2", "Stop");
            until(() -> turns(rig).contains("caller: Stop"));
            assertThat(session.toldNothing()).isTrue();
            session.happens(ends("r1", Status.CANCELLED));
            assertThat(session.told()).isEqualTo("respond");
            session.answers("r2", "Yes.");
            hears(rig, GatedRig.sound("Yes."));
            until(() -> turns(rig).stream().anyMatch(turn -> turn.endsWith("[cut off]")));
            assertThat(session.toldNothing()).isTrue();
        }
    }

    @Test
    void speech_thatOnlyTheProviderNoticed_interruptsToo() throws Exception {
        try (var rig = gated.rig()) {
            greeted(rig);
            var session = gated.provider.next();
            session.hears("i1", "Hello");
            assertThat(session.told()).isEqualTo("respond");
            session.begins("r1").happens(says("r1", "One moment please. "), sound("r1", 8_000));
            session.happens(said("r1", "One moment please. "));
            hears(rig, Duration.ofSeconds(1));
            rig.timers.advance(Duration.ofMillis(240));
            session.happens(new RealtimeEvent.SpeechStarted("i2", Duration.ofMillis(900)));
            until(() -> rig.leg.clears() == 1);
            assertThat(session.told()).isEqualTo("cancel r1");
            assertThat(session.told()).isEqualTo("truncate item-r1 0 240");
        }
    }

    @Test
    void tools_areRunBehindTheGateAndTheirResultsAreToldAsADisclosure() throws Exception {
        try (var rig = gated.rig()) {
            greeted(rig);
            var session = gated.provider.next();
            session.hears("i1", "This is Maren Oakfield");
            assertThat(session.told()).startsWith("replace i1");
            assertThat(session.told()).isEqualTo("respond");
            session.begins("r1")
                    .happens(
                            asks(
                                    "r1",
                                    "c1",
                                    "verify_identity",
                                    "{\"name\":\"<PERSON_1>\",\"birth_date\":\"19840512\"}"),
                            ends("r1", Status.COMPLETED));
            assertThat(session.told()).isEqualTo("tell tool c1: {\"verified\":true}");
            assertThat(session.told()).isEqualTo("respond");
            session.answers("r2", "Thank you.");
            hears(rig, GatedRig.sound("Thank you."));

            assertThat(turns(rig)).contains("system: verify_identity: verified");
            assertThat(gated.guard.sent)
                    .filteredOn(sent -> sent.purpose().equals(GuardedTools.ARGUMENTS))
                    .singleElement()
                    .satisfies(sent -> assertThat(sent.pieces().getFirst()).contains("Maren Oakfield"));
            assertThat(gated.guard.sent)
                    .filteredOn(sent -> sent.purpose().equals(GatedLine.PURPOSE))
                    .extracting(FakeTurnGuard.Sent::pieces)
                    .containsExactly(List.of("be kind"), List.of("This is <PERSON_1>"), List.of("{\"verified\":true}"));
        }
    }

    @Test
    void response_thatWasCutAtItsLength_runsNoTool() throws Exception {
        try (var rig = gated.rig()) {
            greeted(rig);
            var session = gated.provider.next();
            session.hears("i1", "Hello");
            assertThat(session.told()).isEqualTo("respond");
            session.begins("r1").happens(asks("r1", "c1", "book", "{}"), ends("r1", Status.INCOMPLETE));
            rig.timers.awaitPending(CallRig.TIMES.noInput());
            assertThat(turns(rig)).noneMatch(turn -> turn.startsWith("system:"));
        }
    }

    @Test
    void keys_areToldInWords() throws Exception {
        try (var rig = gated.rig()) {
            greeted(rig);
            var session = gated.provider.next();
            rig.keys("19840512#");
            assertThat(session.told()).isEqualTo("tell caller: " + ReceptionKeys.KEYED + "19840512");
            assertThat(session.told()).isEqualTo("respond");
        }
    }

    @Test
    void noise_thatIsNoWord_doesNotLoseTheQuestion() throws Exception {
        try (var rig = gated.rig()) {
            greeted(rig);
            var session = gated.provider.next();
            session.hears("i1", "Hello");
            assertThat(session.told()).isEqualTo("respond");
            session.begins("r1").happens(new RealtimeEvent.SpeechStarted("i2", Duration.ofMillis(100)));
            assertThat(session.told()).isEqualTo("cancel r1");
            session.happens(new RealtimeEvent.HearingFailed("i2"));
            assertThat(session.told()).isEqualTo("delete i2");
            session.happens(ends("r1", Status.CANCELLED));
            assertThat(session.told()).isEqualTo("respond");
        }
    }

    @Test
    void noise_thatOnlyThisNodeNoticed_doesNotLoseTheQuestion() throws Exception {
        try (var rig = gated.rig()) {
            greeted(rig);
            var session = gated.provider.next();
            session.hears("i1", "Hello");
            assertThat(session.told()).isEqualTo("respond");
            session.begins("r1");
            gated.noise(rig);
            gated.quiet(rig);
            assertThat(session.told()).isEqualTo("cancel r1");
            session.happens(ends("r1", Status.CANCELLED));
            assertThat(session.told()).isEqualTo("respond");
            assertThat(turns(rig)).contains("caller: [speech, not transcribed]");
        }
    }

    @Test
    void answer_inPcm_isPlayed_andTheCallerIsSentAsPcm() throws Exception {
        var wide = new GatedRig(GatedRig.PATIENCE, GatedRig.PATIENCE, true);
        try (var rig = wide.rig()) {
            greeted(rig);
            var session = wide.provider.next();
            wide.noise(rig);
            until(() -> session.frames.size() == 25);
            assertThat(session.frames.getFirst().encoding()).isEqualTo(AudioChunk.Encoding.PCM16);
            session.hears("i1", "Hello");
            assertThat(session.told()).isEqualTo("respond");
            session.begins("r1")
                    .happens(
                            says("r1", "Hello."),
                            new RealtimeEvent.AgentAudio(
                                    FakeRealtime.Session.part("r1"), AudioChunk.pcm16(new short[2_400], 8_000)),
                            soundEnds("r1"),
                            said("r1", "Hello."),
                            ends("r1", Status.COMPLETED));
            hears(rig, Duration.ofMillis(300));
        }
    }
}
