package dev.sotto.agent;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sotto.store.CallOutcome;
import dev.sotto.store.NewTurn;
import dev.sotto.store.TurnKind;
import java.util.List;
import org.junit.jupiter.api.Test;

class TextCallTest {
    private final TextRig rig = new TextRig(TextLine.Kind.CHAT);

    private TextRig verified() throws InterruptedException {
        rig.start().reads("automated assistant").reads("\"person\"").reads("date of birth");
        rig.types("May 12, 1984").reads("last four digits");
        rig.types("4417").reads("One moment").waits(CallRig.TIMES.identityFloor());
        return rig.reads("You are verified")
                .reads("Your next appointment is on Tuesday, November 24 at 10:30 AM.")
                .reads("To cancel it, write 2.");
    }

    private List<String> turns() {
        return rig.file.turns.stream().map(turn -> turn.text().redacted()).toList();
    }

    @Test
    void receptionist_byTypedText_verifiesReadsBooksAndEnds() throws Exception {
        verified().types("book").reads("write 1. For");
        rig.types("the first one")
                .reads("You are booked for Wednesday, November 25 at 9:00 AM.")
                .reads("To see it");
        rig.types("bye").reads("Goodbye");

        assertThat(rig.outcome()).isEqualTo(CallOutcome.COMPLETED);
        assertThat(turns()).contains("[DATE OF BIRTH]", "[PHONE, LAST FOUR]", "verify_identity: verified");
        assertThat(turns()).contains("You are booked for [DATE] at [TIME].").doesNotContain("May 12, 1984", "4417");
        assertThat(rig.file.turns).extracting(NewTurn::kind).contains(TurnKind.TEXT, TurnKind.PROMPT);
        assertThat(rig.kept).containsExactly("May 12, 1984", "4417", "book", "the first one", "bye");
        rig.close();
    }

    @Test
    void cancel_isAskedAgainFirst_andAMessageIsKeptWithTheTranscript() throws Exception {
        verified().types("2").reads("write yes");
        rig.types("yes")
                .reads("Your appointment is cancelled")
                .reads("no upcoming")
                .reads("To book");
        rig.types("message").reads("write your message");
        rig.types("I will be late, says Maren Oakfield")
                .reads("Your message is saved")
                .reads("To book");
        rig.types("9").reads("Goodbye");

        assertThat(rig.outcome()).isEqualTo(CallOutcome.VOICEMAIL);
        assertThat(turns()).contains("I will be late, says [PERSON]");
        rig.close();
    }

    @Test
    void wordsThatMeanNothing_areAskedAgain_thenTheCallEnds() throws Exception {
        rig.start().reads("automated assistant").reads("\"person\"").reads("date of birth");
        rig.types("what?").reads("did not understand").reads("date of birth");
        rig.types("what??").reads("did not understand").reads("date of birth");
        rig.types("what???").reads("did not understand").reads("Goodbye");

        assertThat(rig.outcome()).isEqualTo(CallOutcome.COMPLETED);
    }

    @Test
    void aPerson_canBeAskedForBeforeAnythingIsKnown() throws Exception {
        rig.start().reads("automated assistant").reads("\"person\"").reads("date of birth");
        rig.types("I want to talk to a person").reads("passing you to a person");

        assertThat(rig.outcome()).isEqualTo(CallOutcome.TRANSFERRED);
    }

    @Test
    void whatIsTypedWhileTheAgentIsBusy_waitsItsTurn() throws Exception {
        rig.start().reads("automated assistant").reads("\"person\"").reads("date of birth");
        rig.types("19840512").types("4417").types("3").reads("last four").reads("One moment");
        rig.waits(CallRig.TIMES.identityFloor())
                .reads("verified")
                .reads("next appointment")
                .reads("To see it");
        rig.reads("These times are free");

        assertThat(rig.kept).startsWith("19840512", "4417");
        rig.close();
    }

    @Test
    void storeDown_disclosesNothing_andSaysSo() throws Exception {
        rig.start().reads("automated assistant").reads("\"person\"").reads("date of birth");
        rig.file.down = true;
        rig.types("19840512").reads("last four digits").reads("technical problem");

        assertThat(rig.outcome()).isEqualTo(CallOutcome.FAILED);
        assertThat(rig.kept).isEmpty();
        assertThat(rig.ended().turns()).isNotEmpty();
    }

    @Test
    void everyWrittenWord_standsForAClip() {
        assertThat(CallRig.VOICE.names()).containsAll(WrittenWords.clips());
        assertThat(ReceptionMoves.PROMPTS)
                .filteredOn(clip -> !clip.equals("announce.recorded")) // nothing is
                .allSatisfy(clip -> assertThat(WrittenWords.over(CallRig.VOICE).apply(clip))
                        .doesNotContainIgnoringCase("press")
                        .doesNotContainIgnoringCase("keypad")
                        .doesNotContainIgnoringCase("pound"));
    }
}
