package dev.sotto.server.faults;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.sotto.audit.Verification;
import dev.sotto.core.CallId;
import dev.sotto.server.up.RunningNode;
import dev.sotto.server.up.SharedNode;
import dev.sotto.simulator.Received;
import dev.sotto.simulator.Scene;
import dev.sotto.store.CallChannel;
import dev.sotto.store.CallOutcome;
import dev.sotto.store.CallRecord;
import dev.sotto.testkit.LeakScan;
import java.net.http.WebSocketHandshakeException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.ExecutionException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/// Chats with a real node over real sockets: with a model behind the guard, and with the receptionist alone.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ChatIT {
    private static final String IDENTITY =
            "My name is Maren Oakfield, and I was born on May twelfth nineteen eighty four.";

    @TempDir
    private Path folder;

    private Home home;
    private RunningNode node;
    private Visitor.Door door;

    @BeforeAll
    void start() throws Exception {
        home = Home.make("chat");
        node = SharedNode.start(home.places());
        door = Visitor.Door.of(node);
    }

    @AfterAll
    void stop() throws Exception {
        node.close();
        home.close();
    }

    private static CallRecord newest(RunningNode any) {
        return any.core()
                .services()
                .store()
                .calls()
                .list(any.core().demo().orElseThrow().tenant(), Optional.empty(), 1)
                .getFirst();
    }

    @Test
    void model_talks_theVisitorIsVerified_andNothingProtectedReachesIt() throws Exception {
        Scene scene = Scene.shipped("healthcare-conversation");
        try (var talking = TalkingNode.start(scene, scene, simulator -> simulator.baseUri("chat"));
                var visitor = Visitor.Door.of(talking.node()).enter()) {
            visitor.reads("automated assistant").reads("How can I help you today?");
            visitor.tells("m1", "Hi, I would like to know when my next appointment is, please.");
            visitor.reads("your full name and your date of birth");
            visitor.tells("m2", IDENTITY).reads("Your next appointment is on ").reads("anything else?");
            assertThat(visitor.frames("tool"))
                    .extracting(frame -> frame.path("name").asString(""))
                    .containsExactly("verify_identity", "lookup_appointment");
            visitor.sends("{\"type\":\"end\"}");
            assertThat(visitor.ended().path("reason").asString("")).isEqualTo("left");
            assertThat(visitor.closeCode()).isEqualTo(1000);

            var paper = talking.paper();
            CallRecord call = newest(talking.node());
            assertThat(call.channel()).isEqualTo(CallChannel.CHAT);
            assertThat(call.verified()).isTrue();
            Await.until(
                    "the end is kept",
                    () -> !paper.entries(call.id(), "call.ended").isEmpty());
            assertThat(paper.turns(call.id()))
                    .extracting(Paper.Turn::text)
                    .contains("My name is [NAME], and I was born on [DATE OF BIRTH].", "verify_identity: verified");
            assertThat(paper.entries(call.id(), "disclosure.allowed"))
                    .extracting(entry -> entry.details().get("destination"))
                    .contains("simulator", "chat-visitor", "local-tools");
            assertThat(talking.node().core().services().verifyAudit()).isInstanceOf(Verification.Intact.class);
            nothingReached(talking.simulator().received());
        }
    }

    private void nothingReached(Received received) throws Exception {
        Path sent = Files.createDirectory(folder.resolve("sent"));
        var all = new ArrayList<byte[]>();
        received.entries().forEach(entry -> all.add(entry.bytes()));
        assertThat(all).isNotEmpty();
        for (int i = 0; i < all.size(); i++) {
            Files.write(sent.resolve(i + ".request"), all.get(i));
        }
        var scan = new LeakScan()
                .text("name", "Oakfield")
                .text("birth date", "twelfth nineteen")
                .text("birth date as digits", "19840512");
        assertThat(scan.search(sent)).isEmpty();
    }

    @Test
    void modelLost_afterTheVisitorWasVerified_theReceptionistGoesOnWithTheSamePerson() throws Exception {
        Scene scene = Scene.shipped("healthcare-conversation");
        try (var talking = TalkingNode.start(scene, scene, simulator -> simulator.baseUri("lost"));
                var visitor = Visitor.Door.of(talking.node()).enter()) {
            visitor.reads("How can I help you today?");
            visitor.tells("m1", "When is my appointment?").reads("date of birth");
            visitor.tells("m2", IDENTITY).reads("anything else?");
            talking.simulator().close();
            visitor.tells("m3", "Can I have another one?")
                    .reads("not available right now")
                    .reads("To cancel it, write 2.");
            visitor.tells("m4", "9").reads("Goodbye");
            assertThat(visitor.ended().path("reason").asString("")).isEqualTo("completed");
        }
    }

    @Test
    void receptionist_withoutAModel_readsAndBooksByTypedText() throws Exception {
        try (var visitor = door.enter()) {
            visitor.reads("automated assistant").reads("date of birth");
            visitor.tells("a", "1984-05-12").reads("last four digits");
            visitor.tells("b", "4417").reads("You are verified").reads("Your next appointment is on");
            visitor.tells("c", "book").reads("These times are free");
            visitor.tells("d", "1").reads("You are booked for");
            visitor.tells("e", "message").reads("write your message");
            visitor.tells("f", "Please call me back.").reads("Your message is saved");
            visitor.tells("g", "person").reads("passing you to a person");
            var ended = visitor.ended();
            assertThat(ended.path("reason").asString("")).isEqualTo("transferred");
            assertThat(ended.path("phone").asString("")).startsWith("+1555");
            CallId id = newest(node).id();
            var paper = Paper.of(home);
            Await.until(
                    "the end is kept", () -> !paper.entries(id, "call.ended").isEmpty());
            assertThat(newest(node).outcome()).contains(CallOutcome.TRANSFERRED);
            assertThat(paper.turns(id))
                    .extracting(Paper.Turn::text)
                    .contains("[DATE OF BIRTH]", "[PHONE, LAST FOUR]", "Please call me back.")
                    .noneMatch(text -> text.contains("4417"));
            assertThat(paper.entries(id))
                    .extracting(Paper.Entry::type)
                    .startsWith("call.offered", "call.started", "call.announced");
        }
    }

    @Test
    void droppedSocket_isResumedWithoutLoss_andAMessageSentAgainCountsOnce() throws Exception {
        var first = door.enter();
        first.reads("date of birth").tells("a", "1984-05-12").reads("last four digits");
        String secret = "resume." + first.resume();
        long seen = first.seen();
        first.drop();
        try (var second = door.open(secret + "." + seen)) {
            second.tells("a", "1984-05-12")
                    .tells("b", "4417")
                    .reads("You are verified")
                    .reads("To cancel it");
            assertThat(second.said()).noneMatch(text -> text.contains("automated assistant"));
            try (var third = door.open(secret + ".0")) {
                third.reads("automated assistant").reads("To cancel it");
                assertThat(second.closeCode()).isEqualTo(4001);
                assertThat(third.said()).startsWith(first.said().toArray(String[]::new));
                assertThat(third.frames())
                        .extracting(frame -> frame.path("number").asLong(0))
                        .filteredOn(number -> number > 0)
                        .isSorted()
                        .doesNotHaveDuplicates();
                CallId id = newest(node).id();
                assertThat(Paper.of(home).turns(id))
                        .extracting(Paper.Turn::text)
                        .filteredOn("[DATE OF BIRTH]"::equals)
                        .hasSize(1);
                third.sends("{\"type\":\"end\"}");
                assertThat(third.ended().path("reason").asString("")).isEqualTo("left");
            }
        }
        try (var late = door.open(secret + ".0")) {
            assertThat(late.ended().path("reason").asString(""))
                    .as("who was away hears how it ended")
                    .isEqualTo("left");
        }
    }

    @Test
    void doors_areShutToWhoBringsNothing() throws Exception {
        refused(() -> door.open("token." + "A".repeat(43)), 403);
        refused(() -> door.open("resume." + "A".repeat(43) + ".0"), 403);
        refused(() -> door.open("token.short"), 400);
        String token = door.token();
        refused(() -> door.from("https://elsewhere.example").open("token." + token), 403);
        assertThat(door.from("https://elsewhere.example").ask().statusCode()).isEqualTo(403);
        try (var visitor = door.open("token." + token)) {
            visitor.reads("automated assistant");
            refused(() -> door.open("token." + token), 403);
            visitor.sends("{\"type\":\"end\"}").ended();
        }
    }

    private interface Opening {
        Visitor open() throws Exception;
    }

    private static void refused(Opening opening, int status) {
        assertThatExceptionOfType(WebSocketHandshakeException.class)
                .isThrownBy(opening::open)
                .satisfies(refusal ->
                        assertThat(refusal.getResponse().statusCode()).isEqualTo(status));
    }

    @Test
    void oneAddress_holdsSoManyChatsAndNoMore() throws Exception {
        Await.until("chats of other tests are over", () -> Paper.of(home).metric("agent_chats_held") == 0);
        List<Visitor> visitors = new ArrayList<>();
        for (int i = 0; i < 5; i++) {
            visitors.add(door.enter());
        }
        assertThat(door.ask().statusCode()).isEqualTo(429);
        for (Visitor visitor : visitors) {
            visitor.sends("{\"type\":\"end\"}").ended();
        }
        Await.until("places are given back", () -> Paper.of(home).metric("agent_chats_held") == 0);
        door.enter().sends("{\"type\":\"end\"}").ended();
    }

    @Test
    void whatIsAgainstTheProtocol_closesTheSocketOnly() throws Exception {
        try (var visitor = door.enter()) {
            visitor.reads("date of birth").writes("long", "x".repeat(2_001));
            Await.until(
                    "it is said to be too long", () -> !visitor.frames("error").isEmpty());
            assertThat(visitor.frames("error").getFirst().path("code").asString(""))
                    .isEqualTo("text_too_long");
            visitor.sends("{\"type\":\"nothing\"}");
            assertThat(visitor.closeCode()).isEqualTo(1008);
            try (var again = door.open("resume." + visitor.resume() + "." + visitor.seen())) {
                again.sends("{\"type\":\"message\",\"id\":\"a\",\"text\":\"" + "x".repeat(20_000) + "\"}");
                assertThat(again.closeCode()).isEqualTo(1009);
            }
            try (var last = door.open("resume." + visitor.resume() + ".0")) {
                last.tells("b", "1984-05-12")
                        .reads("last four digits")
                        .sends("{\"type\":\"end\"}")
                        .ended();
            }
        }
    }

    @Test
    void thousandRandomFrames_endNothingButTheirSocket() throws Exception {
        var random = new Random(7);
        try (var visitor = door.enter()) {
            visitor.reads("date of birth");
            String resume = visitor.resume();
            for (int i = 0; i < 50; i++) {
                try (var noise = door.open("resume." + resume + ".0")) {
                    makeNoise(noise, random);
                }
            }
            try (var last = door.open("resume." + resume + ".0")) {
                last.tells("a", "1984-05-12")
                        .reads("last four digits")
                        .sends("{\"type\":\"end\"}")
                        .ended();
            }
        }
        assertThat(Paper.of(home).healthy()).isTrue();
    }

    private static void makeNoise(Visitor visitor, Random random) throws Exception {
        for (int i = 0; i < 20; i++) {
            var bytes = new byte[random.nextInt(64)];
            random.nextBytes(bytes);
            try {
                if (random.nextBoolean()) {
                    visitor.binary(ByteBuffer.wrap(bytes));
                } else {
                    visitor.sends(new String(bytes, ISO_8859_1));
                }
            } catch (ExecutionException closed) {
                return; // which is the answer to noise
            }
        }
    }
}
