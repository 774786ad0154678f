package dev.sotto.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.sotto.core.EgressDoor.Verdict;
import dev.sotto.core.SensitiveText;
import java.lang.reflect.Modifier;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ChatDraftTest {
    static final ToolSpec LOOKUP =
            new ToolSpec("lookup", "Finds an appointment", "{\"type\":\"object\",\"properties\":{}}");

    static SensitiveText text(String text) {
        return SensitiveText.of(text);
    }

    static ChatDraft draft() {
        return new ChatDraft(
                text("be kind"),
                List.of(
                        new Message.Caller(text("I am Ada")),
                        new Message.Agent(
                                text("one moment"),
                                List.of(
                                        new ToolCall("a1", "lookup", text("{\"name\":\"Ada\"}")),
                                        new ToolCall("a2", "lookup", text("{}")))),
                        new Message.ToolResult("a1", text("none")),
                        new Message.ToolResult("a2", text("some"))),
                List.of(LOOKUP));
    }

    static ChatRequest allowed(ChatDraft draft) {
        return draft.allowed(new Verdict.Allowed(draft.pieces(), "test"));
    }

    static ChatRequest allowed(String caller) {
        return allowed(new ChatDraft(text("be kind"), List.of(new Message.Caller(text(caller))), List.of(LOOKUP)));
    }

    @Test
    void pieces_areEveryProtectedPartInOrder() {
        assertThat(draft().pieces())
                .extracting(SensitiveText::reveal)
                .containsExactly("be kind", "I am Ada", "one moment", "{\"name\":\"Ada\"}", "{}", "none", "some");
    }

    @Test
    void allowed_putsEachPieceOfTheVerdictInItsPlace() {
        var pieces = IntStream.range(0, 7).mapToObj(i -> text("p" + i)).toList();

        var request = draft().allowed(new Verdict.Allowed(pieces, "mask"));

        assertThat(request.rule()).isEqualTo("mask");
        assertThat(request.instructions()).isEqualTo(text("p0"));
        assertThat(request.messages())
                .containsExactly(
                        new Message.Caller(text("p1")),
                        new Message.Agent(
                                text("p2"),
                                List.of(
                                        new ToolCall("a1", "lookup", text("p3")),
                                        new ToolCall("a2", "lookup", text("p4")))),
                        new Message.ToolResult("a1", text("p5")),
                        new Message.ToolResult("a2", text("p6")));
        assertThat(request.toString()).doesNotContain("p1");
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 6, 8})
    void allowed_byAVerdictOnAnotherNumberOfPieces_isRefused(int pieces) {
        var verdict = new Verdict.Allowed(Collections.nCopies(pieces, text("x")), "test");

        assertThatIllegalArgumentException().isThrownBy(() -> draft().allowed(verdict));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new SpeechDraft(text("hello"))
                        .allowed(new Verdict.Allowed(Collections.nCopies(pieces + 2, text("x")), "test")));
    }

    @Test
    void whatClientsTake_hasNoPublicConstructor() {
        for (var type : List.of(ChatRequest.class, SpeechRequest.class, AllowedMessage.class)) {
            assertThat(type.getDeclaredConstructors())
                    .allSatisfy(constructor -> assertThat(Modifier.isPublic(constructor.getModifiers())
                                    || Modifier.isProtected(constructor.getModifiers()))
                            .isFalse());
            assertThat(Modifier.isFinal(type.getModifiers())).isTrue();
        }
    }

    @Test
    void draft_ofMoreThanOneActMayHold_isRefused() {
        var messages = new ArrayList<Message>(Collections.nCopies(511, new Message.Caller(text("x"))));
        assertThat(new ChatDraft(text("i"), messages, List.of()).pieces()).hasSize(512);
        messages.add(new Message.Caller(text("x")));

        assertThatIllegalArgumentException().isThrownBy(() -> new ChatDraft(text("i"), messages, List.of()));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "a b", "é", "a\"b", "a/b"})
    void toolCall_withWordsThatAreNone_isRefused(String word) {
        assertThatIllegalArgumentException().isThrownBy(() -> new ToolCall(word, "lookup", text("{}")));
        assertThatIllegalArgumentException().isThrownBy(() -> new ToolCall("a", word, text("{}")));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "[]", "\"x\"", "{", "null"})
    void toolSpec_withParametersThatAreNoObject_isRefused(String parameters) {
        assertThatIllegalArgumentException().isThrownBy(() -> new ToolSpec("t", "d", parameters));
    }
}
