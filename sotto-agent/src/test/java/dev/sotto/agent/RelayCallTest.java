package dev.sotto.agent;

import static dev.sotto.agent.FakeModel.done;
import static dev.sotto.agent.FakeModel.text;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sotto.core.SensitiveText;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

class RelayCallTest {
    private final FakeModel model = new FakeModel();
    private final TextRig rig = new TextRig(TextLine.Kind.RELAY).talks(model, TextMouth.Way.RELAY);

    private List<String> turns() {
        return rig.file.turns.stream().map(turn -> turn.text().redacted()).toList();
    }

    /// How long the carrier takes to say so much.
    private static Duration spoken(String words) {
        return Duration.ofMillis(words.length() * 1_000L / SentenceLog.CHARACTERS_PER_SECOND);
    }

    private TextRig asked() throws InterruptedException {
        String greeting = "Hello. You have reached an automated assistant. This call is not recorded.";
        rig.start().reads(greeting).waits(spoken(greeting));
        return rig.reads("How can I help you today?").waits(spoken("How can I help you today?"));
    }

    @Test
    void sentence_thatWasInterrupted_isKeptAndToldAsFarAsTheCarrierSays() throws Exception {
        model.answers(text("First sentence. Second sentence with more words. "), done());
        asked().types("Hello").reads("First sentence.").reads("Second sentence");

        rig.mailbox().offer(new CallEvent.Interrupted(SensitiveText.of("First sentence. Second")));
        rig.mailbox().post(new CallEvent.Ended(true));

        rig.ended();
        assertThat(turns()).contains("First sentence.", "Second [cut off]");
        rig.close();
    }

    @Test
    void interruptionThatNamesNothing_cutsByTime() throws Exception {
        model.answers(text("First sentence. Second sentence with more words. "), done());
        asked().types("Hello").reads("First sentence.").reads("Second sentence");

        rig.timers.elapse(Duration.ofMillis(500));
        rig.mailbox().offer(new CallEvent.Interrupted(SensitiveText.of("")));
        rig.mailbox().post(new CallEvent.Ended(true));

        rig.ended();
        assertThat(turns()).contains("First sentence. [cut off]").noneMatch(turn -> turn.startsWith("Second"));
        rig.close();
    }
}
