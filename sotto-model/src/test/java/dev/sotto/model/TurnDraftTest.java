package dev.sotto.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.sotto.core.EgressDoor.Verdict;
import dev.sotto.core.SensitiveText;
import java.util.List;
import org.junit.jupiter.api.Test;

class TurnDraftTest {
    private static final TurnDraft DRAFT = new TurnDraft(List.of(
            new Message.Caller(SensitiveText.of("I am Maren")), new Message.ToolResult("c1", SensitiveText.of("{}"))));

    private static Verdict.Allowed verdict(String... pieces) {
        return new Verdict.Allowed(
                List.of(pieces).stream().map(SensitiveText::of).toList(), "rule");
    }

    @Test
    void pieces_areThoseOfTheMessages_inOrder() {
        assertThat(DRAFT.pieces()).containsExactly(SensitiveText.of("I am Maren"), SensitiveText.of("{}"));
    }

    @Test
    void messages_areAsTheGuardAllowedThem() {
        assertThat(DRAFT.allowed(verdict("I am <PERSON_1>", "{\"a\":1}")))
                .extracting(AllowedMessage::message)
                .containsExactly(
                        new Message.Caller(SensitiveText.of("I am <PERSON_1>")),
                        new Message.ToolResult("c1", SensitiveText.of("{\"a\":1}")));
    }

    @Test
    void verdict_onAnotherNumberOfPieces_isRefused() {
        assertThatIllegalArgumentException().isThrownBy(() -> DRAFT.allowed(verdict("one")));
    }
}
