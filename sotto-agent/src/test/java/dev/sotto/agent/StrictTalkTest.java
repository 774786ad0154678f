package dev.sotto.agent;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sotto.core.SensitiveText;
import dev.sotto.store.CallOutcome;
import dev.sotto.store.NewTurn;
import java.time.Duration;
import java.time.LocalDateTime;
import java.util.Arrays;
import java.util.Locale;
import java.util.SplittableRandom;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.Test;

/// Whole calls in strict mode, through the real loop.
class StrictTalkTest {
    private static final Duration PATIENCE = Duration.ofSeconds(5);
    private static final int FRAME_BYTES = 160;

    private final FakeModel model = new FakeModel();
    private final FakeSpeech speech = new FakeSpeech();
    private final FakeTurnGuard guard = new FakeTurnGuard();
    private long at;

    private CallRig rig() {
        var models = new StrictModels(_ -> speech, "ears", model, "llm", speech, "mouth", () -> true, PATIENCE);
        var rig = new CallRig(true, true);
        return rig.talks((loop, tools) -> new StrictTalk(
                models,
                speech,
                guard,
                tools,
                new Dialogue(
                        new Dialogue.Parts(
                                model,
                                "llm",
                                guard,
                                Vertical.shipped("healthcare"),
                                () -> SensitiveText.of("be kind"),
                                PATIENCE),
                        tools),
                rig.beside,
                loop,
                rig.meter));
    }

    /// To where the caller was greeted.
    private static CallRig greeted(CallRig rig) throws Exception {
        rig.start().hears("announce.ai", "announce.recorded").listens();
        rig.hears("talk.greeting").listens();
        rig.timers.awaitPending(CallRig.TIMES.noInput());
        return rig;
    }

    /// Half a second of noise as loud as speech, then quiet until it is noticed.
    private void says(CallRig rig, String transcript) {
        speech.hears(transcript);
        noise(rig);
        quiet(rig);
    }

    private void noise(CallRig rig) {
        var random = new SplittableRandom(1);
        for (int i = 0; i < 25; i++) {
            var loud = new byte[FRAME_BYTES];
            random.nextBytes(loud);
            frame(rig, loud);
        }
    }

    private void quiet(CallRig rig) {
        var silence = new byte[FRAME_BYTES];
        Arrays.fill(silence, (byte) 0xFF);
        for (int i = 0; i < 30; i++) {
            frame(rig, silence);
        }
    }

    private void frame(CallRig rig, byte[] mulaw) {
        rig.leg.listener().audio(at, mulaw);
        at += 20;
    }

    /// All pieces of one sentence.
    private static Duration hearsSentence(CallRig rig, String words) throws Exception {
        var expected = FakeSpeech.FRAME.multipliedBy(words.length());
        var heard = Duration.ZERO;
        while (heard.compareTo(expected) < 0) {
            heard = heard.plus(rig.leg.next().duration());
        }
        assertThat(heard).isEqualTo(expected);
        return heard;
    }

    private static void until(BooleanSupplier holds) throws Exception {
        long end = System.nanoTime() + Duration.ofSeconds(10).toNanos();
        while (!holds.getAsBoolean()) {
            if (System.nanoTime() - end > 0) {
                throw new AssertionError("it does not come true");
            }
            Thread.onSpinWait();
        }
    }

    @Test
    void caller_isHeardAndAnsweredThroughTheGuard() throws Exception {
        model.answers(
                FakeModel.call("c1", "verify_identity", "{\"name\":\"<PERSON_1>\",\"birth_date\":\"19840512\"}"),
                FakeModel.done());
        model.answers(FakeModel.text("Thank you, <PERSON_1>. How can I help?"), FakeModel.done());
        try (var rig = rig()) {
            greeted(rig);
            says(rig, "This is Maren Oakfield, born May twelfth");
            hearsSentence(rig, "Thank you, Maren Oakfield.");
            hearsSentence(rig, "How can I help?");
            rig.listens();
            until(() -> rig.file.turns.stream().anyMatch(turn -> words(turn).equals("agent: How can I help?")));
            rig.leg.hangUp();

            assertThat(rig.ended().outcome()).isEqualTo(CallOutcome.HUNG_UP);
            assertThat(rig.file.turns.stream().map(StrictTalkTest::words))
                    .containsSubsequence(
                            "caller: This is [PERSON], born May twelfth",
                            "system: verify_identity: verified",
                            "agent: Thank you, [PERSON].",
                            "agent: How can I help?");
            assertThat(guard.sent.stream()
                            .filter(sent -> sent.destination().equals("llm"))
                            .flatMap(sent -> sent.pieces().stream()))
                    .noneMatch(piece -> piece.contains("Maren"));
            assertThat(speech.spoken).first().isEqualTo("Thank you, Maren Oakfield.");
            assertThat(guard.heardFrames.get()).isPositive();
            assertThat(rig.meter.timed("agent.talk.before_model")).hasSize(1);
            assertThat(rig.meter.timed("agent.talk.before_frame")).hasSize(1);
            assertThat(rig.meter.timed("agent.talk.added")).hasSize(1);
        }
        until(() -> guard.closed && guard.passageClosed);
    }

    private static String words(NewTurn turn) {
        return turn.speaker().name().toLowerCase(Locale.ROOT) + ": "
                + turn.text().redacted().strip();
    }

    @Test
    void speech_whileTheModelTalks_stopsItAndTheTurnIsCutOff() throws Exception {
        model.answers(FakeModel.text("This is a long sentence about nothing much."), FakeModel.done());
        model.answers(FakeModel.text("Yes."), FakeModel.done());
        try (var rig = rig()) {
            greeted(rig);
            says(rig, "Hello");
            hearsSentence(rig, "This is a long sentence about nothing much.");
            rig.timers.advance(Duration.ofMillis(500));
            says(rig, "Stop");
            until(() -> rig.leg.clears() == 1);
            hearsSentence(rig, "Yes.");

            assertThat(model.told(1))
                    .containsExactly(
                            "caller: Hello",
                            "agent: This is a long sentence about nothing much. [interrupted]",
                            "caller: Stop");
            until(() -> rig.file.turns.stream().anyMatch(turn -> words(turn).endsWith("[cut off]")));
            assertThat(rig.file.turns.stream().map(StrictTalkTest::words))
                    .filteredOn(words -> words.endsWith("[cut off]"))
                    .containsExactly("agent: This is [cut off]");
        }
    }

    @Test
    void noise_whileTheModelThinks_doesNotLoseTheQuestion() throws Exception {
        model.answers(FakeModel.STALL);
        model.answers(FakeModel.text("Here I am."), FakeModel.done());
        try (var rig = rig()) {
            greeted(rig);
            says(rig, "Hello");
            model.stalled.await();
            says(rig, "");
            hearsSentence(rig, "Here I am.");
            assertThat(model.told(1)).containsExactly("caller: Hello");
        }
    }

    @Test
    void model_thatBreaks_leavesTheVerifiedCallerAtTheKeypad() throws Exception {
        model.answers(
                FakeModel.call("c1", "verify_identity", "{\"name\":\"<PERSON_1>\",\"birth_date\":\"19840512\"}"),
                FakeModel.done());
        model.answers(FakeModel.BREAK);
        try (var rig = rig()) {
            greeted(rig);
            says(rig, "This is Maren Oakfield");
            rig.hears("handover.keys");
            rig.hears(Phrase.of("appointment.next").then(Phrase.when(LocalDateTime.parse("2026-11-24T10:30"))));
            rig.hears("menu.appointment");
        }
    }

    @Test
    void provider_outOfPolicyFromTheStart_isNeverHeardAndTheKeypadTakesOver() throws Exception {
        guard.outOfPolicy = StrictTalk.TRANSCRIPTION;
        try (var rig = rig()) {
            rig.start().hears("announce.ai", "announce.recorded").listens();
            rig.hears("talk.greeting").hears("handover.keys").hears("ask.dob");
            says(rig, "Hello");
            assertThat(speech.utterances).isEmpty();
        }
    }

    @Test
    void providers_thatFail_handOverWhateverFails() throws Exception {
        speech.transcriberDown = true;
        try (var rig = rig()) {
            greeted(rig);
            says(rig, "Hello");
            rig.hears("handover.keys").hears("ask.dob");
        }
        speech.transcriberDown = false;
        speech.synthesizerDown = true;
        model.answers(FakeModel.text("Hello."), FakeModel.done());
        try (var rig = rig()) {
            greeted(rig);
            says(rig, "Hello");
            rig.hears("handover.keys").hears("ask.dob");
        }
    }

    @Test
    void answer_thatMayNotBeSaid_isReplacedByASafeSentence() throws Exception {
        guard.blocked = "diagnosis";
        model.answers(FakeModel.text("Well then. Your diagnosis is bad."), FakeModel.done());
        try (var rig = rig()) {
            greeted(rig);
            says(rig, "Tell me");
            hearsSentence(rig, "Well then.");
            rig.hears("talk.blocked");
            assertThat(speech.spoken).containsExactly("Well then.");
        }
    }

    @Test
    void keys_areAnAnswerToo_andAreKeptAsProtected() throws Exception {
        model.answers(FakeModel.text("Thanks."), FakeModel.done());
        try (var rig = rig()) {
            greeted(rig);
            rig.keys("19840512#");
            hearsSentence(rig, "Thanks.");
            assertThat(model.told(0)).containsExactly("caller: " + ReceptionKeys.KEYED + "19840512");
            until(() -> rig.file.turns.stream().anyMatch(turn -> words(turn).equals("caller: [KEYS]")));
        }
    }

    @Test
    void caller_whoSaysNothing_isAskedAndThenLetGo() throws Exception {
        try (var rig = rig()) {
            greeted(rig);
            for (int i = 0; i < 2; i++) {
                rig.waits(CallRig.TIMES.noInput()).hears("talk.silence").listens();
            }
            rig.waits(CallRig.TIMES.noInput()).hears("goodbye").listens();
            assertThat(rig.ended().outcome()).isEqualTo(CallOutcome.COMPLETED);
        }
    }

    @Test
    void node_thatStopsMidCall_closesGuardAndPassageAllTheSame() throws Exception {
        try (var rig = rig()) {
            greeted(rig);
            says(rig, "");
            until(() -> guard.heardFrames.get() > 0);
            rig.beside.shutdown();
            rig.leg.hangUp();

            assertThat(rig.ended().outcome()).isEqualTo(CallOutcome.HUNG_UP);
            assertThat(guard.closed).isTrue();
            assertThat(guard.passageClosed).isTrue();
        }
    }

    @Test
    void auditThatIsDown_sendsNothingAndHandsOver() throws Exception {
        guard.down = Dialogue.PURPOSE;
        try (var rig = rig()) {
            greeted(rig);
            says(rig, "Hello");
            rig.hears("handover.keys").hears("ask.dob");
            assertThat(model.asked()).isEmpty();
            assertThat(rig.file.served).isEqualTo(StrictModels.MODE);
            until(() -> rig.file.acts.stream().anyMatch(act -> act.startsWith("handed over ")));
        }
    }

    @Test
    void handOver_thatCannotBeKept_endsInTrouble() throws Exception {
        speech.transcriberDown = true;
        try (var rig = rig()) {
            greeted(rig);
            rig.file.down = true;
            says(rig, "Hello");
            rig.hears("handover.keys").hears("ask.dob").hears("trouble", "transfer.hold");
            assertThat(rig.file.acts).noneMatch(act -> act.startsWith("handed over"));
        }
    }
}
