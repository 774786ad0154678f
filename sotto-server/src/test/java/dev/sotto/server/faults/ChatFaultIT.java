package dev.sotto.server.faults;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sotto.audit.Verification;
import dev.sotto.guard.GuardRules;
import dev.sotto.simulator.Scene;
import dev.sotto.store.CallRecord;
import java.nio.file.Files;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/// Chats with a real node in which the guard says no, the database dies or the model is gone.
class ChatFaultIT {
    private static final String IDENTITY =
            "My name is Maren Oakfield, and I was born on May twelfth nineteen eighty four.";
    private static final String BLOCKED = "I cannot help with that in this chat.";
    private static final String GREETING = "How can I help you today?";
    private static final String END = "{\"type\":\"end\"}";
    private static final String HANDED_OVER = "not available right now";
    private static final String TROUBLE = "We have a technical problem";
    /// More than it takes until a provider that is gone is left alone.
    private static final int TRIES = 12;

    private static CallRecord newest(TalkingNode node) {
        var core = node.node().core();
        return core.services()
                .store()
                .calls()
                .list(core.demo().orElseThrow().tenant(), Optional.empty(), 1)
                .getFirst();
    }

    private static TalkingNode conversation(String tag) throws Exception {
        Scene scene = Scene.shipped("healthcare-conversation");
        return TalkingNode.start(scene, scene, simulator -> simulator.baseUri(tag));
    }

    private static Visitor verified(TalkingNode node) throws Exception {
        var visitor = Visitor.Door.of(node.node()).enter();
        visitor.reads(GREETING);
        visitor.tells("m1", "When is my appointment?").reads("date of birth");
        return visitor.tells("m2", IDENTITY).reads("anything else?");
    }

    private static void over(Visitor visitor, String reason) throws Exception {
        assertThat(visitor.ended().path("reason").asString("")).isEqualTo(reason);
    }

    private static void awaitEnd(Paper paper, CallRecord call) throws Exception {
        Await.until(
                "the end is kept", () -> !paper.entries(call.id(), "call.ended").isEmpty());
    }

    @Test
    void sentenceThatIsDenied_isNeitherShownNorKeptNorTold_andTheChatGoesOn() throws Exception {
        var pears = new Scenes.Answer(
                "pears", "Gladly. Your next appointment is on May 3, 2027. You are booked for May 4, 2027.");
        var apples = new Scenes.Answer("apples", "They grow on trees. Most of them are sweet.");
        Scene scene = Scenes.answering(pears, apples);
        try (var node = TalkingNode.start(scene, scene, simulator -> simulator.baseUri(), home -> {
                    Files.writeString(
                            home.folder().resolve("policy.yaml"),
                            GuardRules.shippedPolicy()
                                    .replaceFirst("(?s)(id: healthcare-chat.*?)DATE: keep", "$1DATE: deny"));
                    return TalkingNode.QUIET;
                });
                var visitor = Visitor.Door.of(node.node()).enter()) {
            visitor.reads(GREETING);
            visitor.tells("m1", pears.question()).reads("Gladly.").reads(BLOCKED);
            visitor.tells("m2", apples.question()).reads("They grow on trees.");
            visitor.reads("Most of them are sweet.").sends(END);
            over(visitor, "left");

            var call = newest(node);
            var paper = node.paper();
            awaitEnd(paper, call);
            assertThat(visitor.frames())
                    .extracting(Object::toString)
                    .noneMatch(frame -> frame.contains("2027") || frame.contains("appointment is on"));
            assertThat(paper.turns(call.id()))
                    .extracting(Paper.Turn::text)
                    .contains("Gladly.", "I am sorry, " + BLOCKED)
                    .noneMatch(text -> text.contains("appointment is on") || text.contains("booked"));
            assertThat(paper.entries(call.id(), "disclosure.denied"))
                    .isNotEmpty()
                    .allSatisfy(denied -> assertThat(denied.details())
                            .containsEntry("destination", "chat-visitor")
                            .containsEntry("purpose", "chat-reply")
                            .containsEntry("rule", "healthcare-chat"));
            assertThat(node.simulator().received().contains(apples.question())).isTrue();
            assertThat(node.simulator().received().contains("2027"))
                    .as("the model is not told that it was said")
                    .isFalse();
            assertThat(paper.call(call.id()).path("served").asString("")).isEqualTo("strict");
            assertThat(node.node().core().services().verifyAudit()).isInstanceOf(Verification.Intact.class);
        }
    }

    @Test
    void databaseThatDiesOnce_whileTheVisitorThinks_costsTheChatNothing() throws Exception {
        try (var node = conversation("once");
                var visitor = verified(node)) {
            var paper = node.paper();
            var call = newest(node);
            List<Paper.Turn> acknowledged = paper.turns(call.id());
            var server = ProcessHandle.of(node.home().server().orElseThrow()).orElseThrow();
            server.destroyForcibly();
            server.onExit().join();
            Await.until("the node has its database again", paper::healthy);

            visitor.tells("m3", "Thank you, that is all.").sends(END);
            over(visitor, "left");
            awaitEnd(paper, call);
            assertThat(visitor.said()).noneMatch(text -> text.contains(TROUBLE) || text.contains(HANDED_OVER));
            assertThat(paper.turns(call.id()))
                    .containsAll(acknowledged)
                    .extracting(Paper.Turn::text)
                    .contains("Thank you, that is all.");
            assertThat(paper.call(call.id()).path("verified").asBoolean(false)).isTrue();
            assertThat(node.node().core().services().verifyAudit()).isInstanceOf(Verification.Intact.class);
        }
    }

    @Test
    void databaseThatKeepsDying_endsTheChatPolitely_andNothingIsLostOnceItIsBack() throws Exception {
        try (var node = conversation("dying");
                var visitor = verified(node)) {
            var paper = node.paper();
            var call = newest(node);
            List<Paper.Turn> acknowledged = paper.turns(call.id());
            try (var killer = Killer.ofDatabase(node.home())) {
                visitor.writes("m3", "Thank you, that is all.").reads(TROUBLE);
                assertThat(visitor.ended().path("phone").asString(""))
                        .as("where a person answers: %s", killer)
                        .startsWith("+1555");
                over(visitor, "failed");
                assertThat(visitor.acked("m3"))
                        .as("what is not sealed is not acknowledged")
                        .isZero();
            }

            Await.until("the node has its database again", paper::healthy);
            Await.until(
                    "the outcome is kept",
                    () -> paper.call(call.id()).path("outcome").asString("").equals("failed"));
            assertThat(paper.turns(call.id())).containsAll(acknowledged);
            Await.until(
                    "what was written when it could not be kept is kept too",
                    () -> paper.turns(call.id()).stream()
                            .anyMatch(turn -> turn.text().equals("Thank you, that is all.")));
            assertThat(paper.turns(call.id()))
                    .extracting(Paper.Turn::text)
                    .filteredOn("Thank you, that is all."::equals)
                    .hasSize(1);
            try (var next = verified(node)) {
                next.sends(END);
                over(next, "left");
            }
            assertThat(node.node().core().services().verifyAudit()).isInstanceOf(Verification.Intact.class);
        }
    }

    /// First a chat is handed over; once the provider is left alone, chats are the receptionist's from the start.
    @Test
    void modelThatIsGone_servesNobody_andEachChatSaysSo() throws Exception {
        try (var node = conversation("gone")) {
            node.simulator().close();
            var paper = node.paper();
            boolean over = false;
            for (int i = 0; i < TRIES && !over; i++) {
                try (var visitor = Visitor.Door.of(node.node()).enter()) {
                    Await.until(
                            "somebody asks",
                            () -> visitor.said().stream()
                                    .anyMatch(text -> text.contains(GREETING) || text.contains("date of birth")));
                    over = visitor.said().stream().noneMatch(text -> text.contains(GREETING));
                    if (!over) {
                        visitor.tells("m1", "Hello.").reads(HANDED_OVER).reads("date of birth");
                    }
                    visitor.sends(END);
                    over(visitor, "left");
                    var call = newest(node);
                    awaitEnd(paper, call);
                    var shown = paper.call(call.id());
                    assertThat(shown.path("mode").asString("")).isEqualTo("strict");
                    assertThat(shown.path("served").asString("")).isEqualTo("receptionist");
                    assertThat(shown.has("handedOverAt")).isNotEqualTo(over);
                    assertThat(paper.entries(call.id(), "call.handed_over")).hasSize(over ? 0 : 1);
                    assertThat(paper.entries(call.id(), "call.announced")
                                    .getFirst()
                                    .details())
                            .containsEntry("served", over ? "receptionist" : "strict");
                }
            }
            assertThat(over).as("at last it begins without the model").isTrue();
        }
    }
}
