package dev.sotto.model;

import static dev.sotto.model.ChatDraftTest.LOOKUP;
import static dev.sotto.model.ChatDraftTest.text;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.sotto.core.EgressDoor.Verdict;
import dev.sotto.core.Meter;
import dev.sotto.core.SensitiveText;
import dev.sotto.core.SottoException;
import dev.sotto.testkit.Samples;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;

/// Whatever a conversation holds, only what the verdict says arrives at the other side.
class NothingUnguardedTest {
    private static final String CANARY = "canary";

    /// Every text is a canary, and so is what a model made up: names of tools and ids of calls.
    private static ChatDraft draft(RandomGenerator random) {
        var messages = new ArrayList<Message>();
        int length = 1 + random.nextInt(8);
        for (int i = 0; i < length; i++) {
            messages.add(
                    switch (random.nextInt(3)) {
                        case 0 -> new Message.Caller(text(CANARY + i));
                        case 1 -> new Message.ToolResult(CANARY + random.nextInt(3), text(CANARY));
                        default -> new Message.Agent(text(CANARY), calls(random));
                    });
        }
        return new ChatDraft(text(CANARY), messages, List.of(LOOKUP));
    }

    private static List<ToolCall> calls(RandomGenerator random) {
        var calls = new ArrayList<ToolCall>();
        for (int i = random.nextInt(3); i > 0; i--) {
            String name = random.nextBoolean() ? "lookup" : CANARY;
            calls.add(new ToolCall(CANARY + i, name, text("{\"a\":\"" + CANARY + "\"}")));
        }
        return calls;
    }

    private static ChatRequest guarded(ChatDraft draft) {
        List<SensitiveText> pieces =
                draft.pieces().stream().map(_ -> text("guarded")).toList();
        return draft.allowed(new Verdict.Allowed(pieces, "mask"));
    }

    @Test
    void chat_ofAnyConversation_sendsWhatTheVerdictSaysOnly() {
        Samples.forAll(500, NothingUnguardedTest::draft, draft -> {
            String body = new String(ChatWriter.write(guarded(draft), "m", 10), UTF_8);
            assertThat(body).doesNotContain(CANARY);
            assertThat(body.split("guarded", -1)).hasSize(draft.pieces().size() + 1);
        });
    }

    @Test
    void chat_overTheWire_sendsNothingElseInItsHead() {
        try (var server = new ModelServer();
                var endpoint = server.then(ModelServer.status(400)).endpoint();
                var stream = endpoint.languageModel("m", 10).answer(guarded(draft(new SplittableRandom(7))))) {
            assertThat(catchThrowableOfType(SottoException.class, () -> stream.next(ModelServer.PATIENCE)))
                    .hasMessageNotContaining(CANARY);
            assertThat(server.request().toString()).contains("guarded").doesNotContain(CANARY);
        }
    }

    @Test
    void session_thatIsToldAConversation_sendsWhatTheVerdictSaysOnly() {
        var draft = new ChatDraft(
                text(CANARY),
                List.of(
                        new Message.Caller(text(CANARY)),
                        new Message.Agent(text(CANARY), List.of(new ToolCall("call_1", CANARY, text(CANARY)))),
                        new Message.ToolResult("call_1", text(CANARY))),
                List.of(LOOKUP));
        var told = new MessageDraft(new Message.Caller(text(CANARY)));
        var last = told.allowed(new Verdict.Allowed(List.of(text("the last")), "mask"));
        var sent = new StringBuilder();
        try (var server = new RealtimeServer();
                var endpoint = ModelEndpoint.open(server.provider(), Meter.none());
                var session = endpoint.realtime(
                        RealtimeSessionTest.SETTINGS, guarded(draft), RealtimeSessionTest.passage())) {
            session.tell(last);
            while (sent.indexOf("the last") < 0) {
                sent.append(server.nextText());
            }
        }
        assertThat(sent.toString()).doesNotContain(CANARY).contains(ToolCall.UNKNOWN_TOOL);
        assertThat(sent.toString().split("guarded", -1)).hasSize(draft.pieces().size() + 1);
    }
}
