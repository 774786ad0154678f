package dev.sotto.simulator;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sotto.testkit.Samples;
import java.util.List;
import org.junit.jupiter.api.Test;

class SceneRunTest {
    private static final String ASKS = "Hi, I would like to know when my next appointment is, please.";
    private static final String IDENTIFIES =
            "My name is Maren Oakfield, and I was born on May twelfth nineteen eighty four.";
    private static final String AT = "{\"appointment\":{\"id\":\"X\",\"at\":\"2026-12-01T10:30\"}}";

    private final SceneRun run = new SceneRun(Scene.shipped("healthcare-appointment"));

    @Test
    void start_nothingHeard_isTheGreeting() {
        assertThat(run.answer().say())
                .isEqualTo("Lakeside Clinic. You are talking to a scripted simulator. How can I help you?");
    }

    @Test
    void demoScene_plainWords_verifiesAndReadsOut() {
        run.answer();
        run.heard(ASKS);
        assertThat(run.answer().say()).contains("date of birth");
        run.heard(IDENTIFIES);
        var verify = run.answer().calls().getFirst();
        assertThat(verify.tool()).isEqualTo("verify_identity");
        assertThat(verify.arguments()).isEqualTo("{\"birth_date\":\"19840512\",\"name\":\"Maren Oakfield\"}");
        run.result(verify.id(), "{\"verified\":true}");
        var lookup = run.answer();
        assertThat(lookup.say()).isEmpty();
        assertThat(lookup.calls().getFirst().tool()).isEqualTo("lookup_appointment");
        run.result(lookup.calls().getFirst().id(), AT);
        assertThat(run.answer().say())
                .contains("Your next appointment is on Tuesday, December first at ten thirty A M.");
        run.heard("No, that is all. Thank you. Goodbye.");
        assertThat(run.answer().say()).endsWith("Goodbye.");
    }

    @Test
    void demoScene_placeholders_goIntoTheArgumentsAsTheyCame() {
        run.heard("Hi, when is my appointment?");
        run.heard("My name is <NAME_1>, and I was born on <DOB_1>.");
        assertThat(run.answer().calls().getFirst().arguments())
                .isEqualTo("{\"birth_date\":\"<DOB_1>\",\"name\":\"<NAME_1>\"}");
    }

    @Test
    void demoScene_valuesDidNotArrive_areNotKnown() {
        run.heard("an appointment");
        run.heard("My name is , and I was born on .");
        assertThat(run.answer().calls().getFirst().arguments())
                .isEqualTo("{\"birth_date\":\"unknown\",\"name\":\"unknown\"}");
    }

    @Test
    void demoScene_toolWantsThePhone_asksForItAndTriesAgain() {
        run.heard(ASKS);
        run.heard(IDENTIFIES);
        run.result(run.answer().calls().getFirst().id(), "{\"error\":\"Unknown argument\"}");
        assertThat(run.answer().say()).contains("last four digits");
        assertThat(run.utterance().text()).isEqualTo("The last four digits are four four one seven.");
        run.heard("The last four digits are <PHONE_1>.");
        assertThat(run.answer().calls().getFirst().arguments())
                .isEqualTo("{\"birth_date\":\"19840512\",\"phone_last4\":\"<PHONE_1>\"}");
    }

    @Test
    void demoScene_notVerified_readsNothingOut() {
        run.heard(ASKS);
        run.heard(IDENTIFIES);
        run.result(run.answer().calls().getFirst().id(), "{\"verified\":false}");
        assertThat(run.answer().say()).contains("does not match").doesNotContain("appointment is on");
        assertThat(run.utterance().text()).contains("Goodbye");
    }

    @Test
    void demoScene_appointmentAsPlaceholder_isReadOutAsPlaceholder() {
        run.heard(ASKS);
        run.heard(IDENTIFIES);
        run.result(run.answer().calls().getFirst().id(), "{\"verified\":true}");
        run.result(run.answer().calls().getFirst().id(), "{\"appointment\":{\"at\":\"<DATE_3>\"}}");
        assertThat(run.answer().say()).contains("on <DATE_3> at <DATE_3>");
    }

    @Test
    void unverifiedScene_gateRefuses_holds() {
        var unverified = new SceneRun(Scene.shipped("healthcare-unverified"));
        unverified.heard("hello");
        unverified.heard("Maren Oakfield, June third nineteen ninety, and the phone ends in one two three four.");
        var guess = unverified.answer().calls().getFirst();
        assertThat(guess.arguments()).isEqualTo("{\"birth_date\":\"19900603\",\"phone_last4\":\"1234\"}");
        unverified.result(guess.id(), "{\"verified\":false}");
        assertThat(unverified.answer().say()).contains("does not match");
        unverified.heard("just tell me");
        unverified.result(unverified.answer().calls().getFirst().id(), "{\"error\":\"Verify identity first\"}");
        assertThat(unverified.answer().say()).contains("before I know who you are");
    }

    @Test
    void heard_somethingElse_saysThatItDidNotUnderstandAndStays() {
        run.heard("What is the weather?");
        assertThat(run.answer().say()).contains("did not understand");
        run.heard(ASKS);
        assertThat(run.answer().say()).contains("look that up");
    }

    @Test
    void utterances_followTheSceneAndThenTheEnd() {
        var heard = List.of(
                run.utterance().text(), run.utterance().text(), run.utterance().text());
        assertThat(heard).startsWith(ASKS, IDENTIFIES);
        run.utterance();
        assertThat(run.utterance().text()).isEqualTo("Thank you. Goodbye.");
        assertThat(run.utterance().text()).isEqualTo("Thank you. Goodbye.");
    }

    @Test
    void result_thatIsNotJson_takesTheLastBranch() {
        run.heard(ASKS);
        run.heard(IDENTIFIES);
        run.result(run.answer().calls().getFirst().id(), "{\"verified\":tr");
        assertThat(run.answer().say()).contains("does not match");
    }

    @Test
    void sameArrivals_sameAnswers_whateverTheyAre() {
        Samples.forAll(
                300,
                random -> random.ints(20, 0, 6).boxed().toList(),
                moves -> assertThat(play(moves)).isEqualTo(play(moves)).hasSize(moves.size()));
    }

    private static List<Answer> play(List<Integer> moves) {
        var run = new SceneRun(Scene.shipped("healthcare-appointment"));
        return moves.stream()
                .map(move -> {
                    switch (move) {
                        case 0 -> run.heard(ASKS);
                        case 1 -> run.heard(IDENTIFIES);
                        case 2 -> run.result("call_2_0_0", "{\"verified\":true}");
                        case 3 -> run.result("call_5_0_0", AT);
                        case 4 -> run.result("nonsense", "null");
                        default -> run.utterance();
                    }
                    return run.answer();
                })
                .toList();
    }

    @Test
    void bent_contentFaults_changeWhatIsSaid() {
        run.heard("my card is 4111");
        Answer plain = run.answer();
        assertThat(plain.bent(Fault.of(Fault.Kind.ECHO), run.lastHeard()).say()).isEqualTo("You said: my card is 4111");
        assertThat(plain.bent(Fault.of(Fault.Kind.UNKNOWN_TOOL), "").calls())
                .singleElement()
                .matches(call -> call.tool().equals("wire_money"));
        assertThat(plain.bent(Fault.of(Fault.Kind.INVENTED_TOKEN), "").say()).contains("<CREDIT_CARD_9>");
        assertThat(plain.bent(Fault.of(Fault.Kind.CLAIMS_VERIFIED), "")
                        .calls()
                        .getFirst()
                        .arguments())
                .contains("verified");
        assertThat(plain.bent(null, "")).isSameAs(plain);
    }
}
