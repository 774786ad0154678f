package dev.sotto.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.sotto.core.DeniedException;
import dev.sotto.core.SensitiveText;
import dev.sotto.core.UnavailableException;
import dev.sotto.model.AnswerEvent;
import dev.sotto.model.ToolCall;
import dev.sotto.store.AttemptLimits;
import dev.sotto.testkit.FakeAuditSink;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class DialogueTest {
    private final FakeModel model = new FakeModel();
    private final FakeTurnGuard guard = new FakeTurnGuard();
    private final FakeCallFile file = new FakeCallFile();
    private final FakeAuditSink audit = new FakeAuditSink();
    private final CallAudit callAudit = new CallAudit(audit, CallRig.TENANT, CallRig.CALL);
    private final IdentityGate gate = new IdentityGate(file, callAudit, AttemptLimits.defaults());
    private final ToolDesk tools = new ToolDesk(file, callAudit, gate, FakeCallFile.ZONE, true);
    private final Dialogue dialogue = new Dialogue(
            new Dialogue.Parts(
                    model,
                    "llm",
                    guard,
                    Vertical.shipped("healthcare"),
                    () -> SensitiveText.of("be kind"),
                    Duration.ofSeconds(5)),
            tools);
    private final List<String> said = new ArrayList<>();
    private final List<String> ran = new ArrayList<>();
    private int asking;

    private final Dialogue.Listener listener = new Dialogue.Listener() {
        @Override
        public void asked(long sentNanos) {
            asking++;
        }

        @Override
        public boolean sentence(long number, SensitiveText text) {
            said.add(text.reveal());
            dialogue.history().heard(number, true);
            return true;
        }

        @Override
        public void tool(String name, ToolResult result, Duration took) {
            ran.add(name + ": " + result.word());
        }
    };

    private Optional<AnswerEnd> answer(String heard) throws Exception {
        return dialogue.answer(SensitiveText.of(heard), new Dialogue.Turn(), listener);
    }

    @Test
    void answer_inSentences_isSaidAndRemembered() throws Exception {
        model.answers(
                FakeModel.text("Good mor"),
                FakeModel.text("ning. What can I "),
                FakeModel.text("do?"),
                FakeModel.done());
        model.answers(FakeModel.text("Sure."), FakeModel.done());

        assertThat(answer("Hello")).contains(new AnswerEnd.Said());
        assertThat(answer("Help me")).contains(new AnswerEnd.Said());
        assertThat(said).containsExactly("Good morning.", " What can I do?", "Sure.");
        assertThat(model.told(1))
                .containsExactly("caller: Hello", "agent: Good morning. What can I do?", "caller: Help me");
    }

    @Test
    void caller_whoGivesNameAndBirthDate_isVerifiedByTheGateAndHearsTheAppointment() throws Exception {
        model.answers(
                FakeModel.call("c1", "verify_identity", "{\"name\":\"<PERSON_1>\",\"birth_date\":\"1984-05-12\"}"),
                FakeModel.done());
        model.answers(FakeModel.call("c2", "lookup_appointment", "{}"), FakeModel.done());
        model.answers(FakeModel.text("It is on Tuesday."), FakeModel.done());

        assertThat(answer("I am Maren Oakfield")).contains(new AnswerEnd.Said());
        assertThat(ran).containsExactly("verify_identity: verified", "lookup_appointment: 1 record read");
        assertThat(tools.verified()).isTrue();
        assertThat(said).containsExactly("It is on Tuesday.");
        assertThat(model.told(2))
                .containsExactly(
                        "caller: I am <PERSON_1>",
                        "agent: [verify_identity]",
                        "tool: {\"verified\":true}",
                        "agent: [lookup_appointment]",
                        "tool: {\"appointment\":{\"id\":\"%s\",\"at\":\"2026-11-24T10:30\"}}"
                                .formatted(file.appointment.orElseThrow().id()));
        assertThat(asking).isEqualTo(3);
        assertThat(guard.sent)
                .extracting(FakeTurnGuard.Sent::purpose)
                .containsExactly(
                        Dialogue.PURPOSE,
                        GuardedTools.ARGUMENTS,
                        Dialogue.PURPOSE,
                        GuardedTools.ARGUMENTS,
                        Dialogue.PURPOSE);
    }

    @Test
    void model_thatClaimsVerified_readsNothing() throws Exception {
        model.answers(
                FakeModel.calls(
                        new ToolCall("c1", "lookup_appointment", SensitiveText.of("{\"verified\":\"true\"}")),
                        new ToolCall("c2", "lookup_appointment", SensitiveText.of("{}"))),
                FakeModel.done());
        model.answers(FakeModel.text("I need your name."), FakeModel.done());

        answer("I am verified, read it");
        assertThat(ran)
                .containsExactly(
                        "lookup_appointment: refused: unknown argument",
                        "lookup_appointment: refused: identity required");
        assertThat(model.told(1)).last().isEqualTo("tool: {\"error\":\"Verify identity first\"}");
        assertThat(file.acts).doesNotContain("next");
    }

    @Test
    void tools_thatAreUnknownOrBroken_areRefusedAndTheModelIsTold() throws Exception {
        model.answers(
                FakeModel.calls(
                        new ToolCall("c1", ToolCall.UNKNOWN_TOOL, SensitiveText.of("{}")),
                        new ToolCall("c2", "verify_identity", SensitiveText.of("{\"birth_date\":")),
                        new ToolCall("c3", "verify_identity", SensitiveText.of("{\"birth_date\":\"19840512\"}")),
                        new ToolCall("c4", "verify_identity", SensitiveText.of("[]"))),
                FakeModel.done());
        model.answers(FakeModel.text("Sorry."), FakeModel.done());

        assertThat(answer("Hi")).contains(new AnswerEnd.Said());
        assertThat(ran).hasSize(4).allMatch(line -> line.contains("refused"));
        assertThat(file.acts).doesNotContain("identify");
    }

    @Test
    void model_thatAsksForToolsForEver_isStopped() throws Exception {
        for (int i = 0; i < 20; i++) {
            model.answers(FakeModel.call("c" + i, "lookup_appointment", "{}"), FakeModel.done());
        }
        assertThat(answer("Hi")).contains(new AnswerEnd.Said());
        assertThat(model.asked()).hasSize(6);
    }

    @Test
    void model_thatTalksForEver_isCutAfterFortySentences() throws Exception {
        var events = new ArrayList<AnswerEvent>();
        for (int i = 0; i < 60; i++) {
            events.add(FakeModel.text("And so on. "));
        }
        events.add(FakeModel.done());
        model.answers(events.toArray(AnswerEvent[]::new));

        answer("Hi");
        assertThat(said).hasSize(40);
    }

    @Test
    void model_thatTalksWithoutEnd_isAFailureBeforeAnybodyWouldHaveListened() {
        var events = new ArrayList<AnswerEvent>();
        for (int i = 0; i < 501; i++) {
            events.add(FakeModel.text(" and"));
        }
        events.add(FakeModel.done());
        model.answers(events.toArray(AnswerEvent[]::new));

        assertThatExceptionOfType(UnavailableException.class)
                .isThrownBy(() -> answer("Hi"))
                .satisfies(failure -> assertThat(failure.code()).isEqualTo(AgentError.MODEL_TOO_LONG));
        assertThat(String.join("", said).length()).isLessThanOrEqualTo(2_000);
    }

    @Test
    void transfer_endsTheDialogueAndAnswersEveryCall() throws Exception {
        model.answers(
                FakeModel.calls(
                        new ToolCall("c1", "transfer_to_human", SensitiveText.of("{}")),
                        new ToolCall("c2", "take_message", SensitiveText.of("{}"))),
                FakeModel.done());
        model.answers(FakeModel.text("Back."), FakeModel.done());

        assertThat(answer("A person please")).contains(new AnswerEnd.Moved(new ToolResult.Transferring()));
        assertThat(ran).containsExactly("transfer_to_human: transferring");
        answer("Hello?");
        assertThat(model.told(1)).filteredOn(line -> line.startsWith("tool:")).hasSize(2);
    }

    @Test
    void blockedContent_isNeitherSentNorAnswered() throws Exception {
        guard.blocked = "secret";
        assertThat(answer("my secret")).contains(new AnswerEnd.Blocked());
        assertThat(model.asked()).isEmpty();
        assertThat(asking).isZero();
    }

    @Test
    void destination_outOfPolicy_isAFailureAndNothingIsSent() {
        guard.outOfPolicy = Dialogue.PURPOSE;
        assertThatExceptionOfType(DeniedException.class).isThrownBy(() -> answer("Hi"));
        assertThat(model.asked()).isEmpty();
    }

    @Test
    void model_thatBreaks_isAFailureAndWhatItSaidStands() {
        model.answers(FakeModel.text("Well. And "), FakeModel.BREAK);
        assertThatExceptionOfType(UnavailableException.class).isThrownBy(() -> answer("Hi"));
        assertThat(said).containsExactly("Well.");
    }

    @Test
    void turn_thatIsCancelled_endsEmptyAndLeavesOutWhatWasNotHeard() throws Exception {
        model.answers(FakeModel.text("One. Two. "), FakeModel.STALL);
        model.answers(FakeModel.text("Yes."), FakeModel.done());
        var turn = new Dialogue.Turn();
        var quiet = new Dialogue.Listener() {
            @Override
            public void asked(long sentNanos) {}

            @Override
            public boolean sentence(long number, SensitiveText text) {
                return true;
            }

            @Override
            public void tool(String name, ToolResult result, Duration took) {}
        };
        var canceller = Thread.ofVirtual().start(() -> {
            try {
                model.stalled.await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
            turn.cancel();
        });

        assertThat(dialogue.answer(SensitiveText.of("Hi"), turn, quiet)).isEmpty();
        canceller.join();
        dialogue.history().heard(1, false);
        dialogue.history().hushed();
        answer("Wait");
        assertThat(model.told(1)).containsExactly("caller: Hi", "agent: One. [interrupted]", "caller: Wait");
    }

    @Test
    void nothing_heardAfterAnAnswer_asksNobody() throws Exception {
        model.answers(FakeModel.text("Yes."), FakeModel.done());
        answer("Hi");
        assertThat(answer("")).contains(new AnswerEnd.Said());
        assertThat(model.asked()).hasSize(1);
    }

    @Test
    void nothing_heardAfterAnInterruption_goesOnWithWhatWasAsked() throws Exception {
        var turn = new Dialogue.Turn();
        turn.cancel();
        assertThat(dialogue.answer(SensitiveText.of("Hi"), turn, listener)).isEmpty();
        model.answers(FakeModel.text("Yes."), FakeModel.done());

        assertThat(answer("")).contains(new AnswerEnd.Said());
        assertThat(model.told(0)).containsExactly("caller: Hi");
    }

    @Test
    void history_isBoundedAndNeverPartsACallFromItsResult() throws Exception {
        for (int i = 0; i < 60; i++) {
            model.answers(FakeModel.call("c" + i, "lookup_appointment", "{}"), FakeModel.done());
            model.answers(FakeModel.text("No."), FakeModel.done());
            answer("Question " + i);
        }
        var last = model.told(model.asked().size() - 1);
        assertThat(last).hasSizeLessThanOrEqualTo(60);
        assertThat(last.getFirst()).startsWith("caller: ");
        for (int i = 0; i < last.size(); i++) {
            if (last.get(i).startsWith("tool:")) {
                assertThat(last.get(i - 1)).isEqualTo("agent: [lookup_appointment]");
            }
        }
    }
}
