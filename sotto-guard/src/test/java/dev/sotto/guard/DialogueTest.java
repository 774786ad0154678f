package dev.sotto.guard;

import static dev.sotto.guard.GuardRig.CALL;
import static dev.sotto.guard.GuardRig.CLINIC;
import static dev.sotto.guard.GuardRig.toModel;
import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/// What turns mean in the light of the turns before them.
class DialogueTest {
    private final GuardRig rig = new GuardRig();
    private final CallGuard call = rig.guard.openCall(CLINIC, CALL);

    @Test
    void date_afterTheAgentAskedForTheBirthDate_isADateOfBirth() {
        call.expect(Expectation.BIRTH_DATE);

        assertThat(rig.sent("march fourteenth")).isEqualTo("<DOB_1>");
    }

    @Test
    void date_withoutAQuestion_isADate() {
        assertThat(rig.sent("march fourteenth")).isEqualTo("march fourteenth");
    }

    @Test
    void fourDigits_afterTheAgentAskedForTheSocial_areItsTail() {
        assertThat(rig.sent("6789")).isEqualTo("6789");
        call.expect(Expectation.SSN);

        assertThat(rig.sent("six seven eight nine")).isEqualTo("<SSN>");
    }

    @Test
    void question_inTheSameAct_saysWhatItsAnswerIs() {
        assertThat(rig.sent(toModel(
                        "Welcome. What is your date of birth?",
                        "march fourteenth",
                        "And the last four digits of your social?",
                        "6789",
                        "Who am I speaking with?",
                        "abdul rahman")))
                .containsExactly(
                        "Welcome. What is your date of birth?",
                        "<DOB_1>",
                        "And the last four digits of your social?",
                        "<SSN>",
                        "Who am I speaking with?",
                        "<PERSON_1>");
    }

    @Test
    void answer_inAHistoryThatIsSentAgain_isReadAsItWasReadFirst() {
        call.expect(Expectation.BIRTH_DATE);
        rig.sent("march fourteenth");
        call.expect(Expectation.NOTHING);

        assertThat(rig.sent(toModel("march fourteenth", "Thank you. How can I help?", "a refill")))
                .containsExactly("<DOB_1>", "Thank you. How can I help?", "a refill");
    }

    @Test
    void number_saidOverSeveralTurns_isFoundFromWhereItCanBeKnown() {
        assertThat(rig.sent(toModel(
                        "my social is", "one two three", "go ahead", "forty five", "uh huh", "six seven eight nine")))
                .containsExactly("my social is", "<SSN>", "go ahead", "<SSN>", "uh huh", "<SSN>");
    }

    @Test
    void number_saidOverSeveralActs_isFoundFromWhereItCanBeKnown() {
        assertThat(rig.sent("my social is one two three")).isEqualTo("my social is <SSN>");
        assertThat(rig.sent("forty five")).isEqualTo("<SSN>");
        assertThat(rig.sent("six seven eight nine")).isEqualTo("<SSN>");
        assertThat(rig.sent("i need a refill")).isEqualTo("i need a refill");
        assertThat(rig.sent("two of them")).isEqualTo("two of them");
    }

    @Test
    void card_saidOverSeveralTurns_isCaughtWhenItsCheckDigitHolds() {
        var sent = rig.sent(toModel("4242 4242", "yes", "4242 4242"));

        assertThat(sent.getLast()).isEqualTo("<CREDIT_CARD>");
    }

    @Test
    void name_thatWasFoundBefore_isFoundWithoutACue() {
        assertThat(rig.sent(toModel("my name is jane doe", "thanks", "jane doe needs a refill")))
                .containsExactly("my name is <PERSON_1>", "thanks", "<PERSON_1> needs a refill");
        assertThat(rig.sent("So Jane Doe, anything else?")).isEqualTo("So <PERSON_1>, anything else?");
    }

    @Test
    void number_thatWasFoundBefore_isFoundWithoutACue() {
        rig.sent("my medical record number is 482913");

        assertThat(rig.sent("did you get 482913 or not")).isEqualTo("did you get <MRN_1> or not");
    }

    @Test
    void memory_ofACall_isBounded() {
        var known = new KnownValues();
        for (int i = 0; i < 2 * KnownValues.MAX_VALUES; i++) {
            known.add(EntityType.PHONE, "415555%04d".formatted(i));
        }
        known.add(EntityType.CREDIT_CARD, "4242424242424242");
        assertThat(known.size()).isEqualTo(KnownValues.MAX_VALUES);

        CarriedDigits carried = CarriedDigits.NONE;
        for (int i = 0; i < 100; i++) {
            carried = carried.with(java.util.Optional.empty(), "1234567");
            assertThat(carried.digits()).hasSizeLessThanOrEqualTo(24);
        }
    }
}
