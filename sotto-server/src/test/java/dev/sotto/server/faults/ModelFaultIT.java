package dev.sotto.server.faults;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sotto.audit.Verification;
import dev.sotto.core.CallId;
import dev.sotto.media.AudioClip;
import dev.sotto.media.Mulaw;
import dev.sotto.server.faults.Scenes.Wrong;
import dev.sotto.simulator.Fault;
import dev.sotto.simulator.Service;
import java.io.ByteArrayOutputStream;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/// Models that go wrong in the middle of calls, as their callers hear it. The calls of a test run side by side.
class ModelFaultIT {
    static final Duration PATIENCE = Duration.ofSeconds(2);
    static final Duration HAND_OVER = Duration.ofSeconds(2);
    static final Duration STRETCH = Duration.ofMillis(600);
    /// How long a caller who takes turns waits in a pause of the agent.
    static final Duration INVITED = Duration.ofMillis(1_300);

    private static final int SILENCE_BYTES = 12_000;
    /// A number that no bank gives out, with check digits that hold.
    private static final String CARD = " My card number is 4111 1111 1111 1111.";

    /// So many stretches of sound, to be said by turns.
    static AudioClip turns(int count) {
        var voice = new ByteArrayOutputStream();
        var silence = new byte[SILENCE_BYTES];
        Arrays.fill(silence, Mulaw.SILENCE);
        for (int i = 0; i < count; i++) {
            voice.writeBytes(Sound.speech(i, STRETCH).toByteArray());
            voice.writeBytes(silence);
        }
        return AudioClip.of(voice.toByteArray());
    }

    static List<Phone.Line> talk(Phone phone, int calls, int turns, boolean hangsUp) {
        List<Phone.Line> lines = new ArrayList<>();
        for (int i = 0; i < calls; i++) {
            lines.add(phone.talk(turns(turns), hangsUp));
        }
        return lines;
    }

    /// What was said and done in a call, by what its caller spoke of.
    private static Map<String, Phone.Line> byWord(Paper paper, List<Phone.Line> lines, List<Wrong> wrongs)
            throws Exception {
        Map<String, Phone.Line> byWord = new HashMap<>();
        for (Phone.Line line : lines) {
            String words = words(paper, line);
            for (Wrong wrong : wrongs) {
                if (words.contains(wrong.sentence())) {
                    byWord.put(wrong.word(), line);
                }
            }
        }
        return byWord;
    }

    /// Waits until everything about the call is kept.
    static void awaitEnd(Paper paper, Phone.Line line) throws Exception {
        line.await();
        Await.until(
                "the call is closed",
                () -> !paper.entries(line.id(), "call.ended").isEmpty());
    }

    /// A model answered until it was lost, and everybody is told so.
    private static void handedOver(Paper paper, CallId id) {
        var call = paper.call(id);
        assertThat(call.path("mode").asString("")).isEqualTo("strict");
        assertThat(call.path("served").asString("")).isEqualTo("receptionist");
        assertThat(Instant.parse(call.path("handedOverAt").asString("")))
                .isBetween(
                        Instant.parse(call.path("startedAt").asString("")),
                        Instant.parse(call.path("endedAt").asString("")));
        assertThat(paper.entries(id, "call.announced").getFirst().details()).containsEntry("served", "strict");
        assertThat(paper.entries(id, "call.handed_over"))
                .singleElement()
                .satisfies(entry -> assertThat(entry.details())
                        .containsEntry("to", "receptionist")
                        .containsKey("code"));
    }

    static String words(Paper paper, Phone.Line line) throws Exception {
        return paper.turns(line.id()).stream().map(Paper.Turn::text).collect(Collectors.joining("\n"));
    }

    @Test
    void model_thatIsLost_leavesTheVerifiedCallerAtTheKeypadInTime() throws Exception {
        var wrongs = List.of(
                new Wrong("apples", "stall"),
                new Wrong("pears", "close"),
                new Wrong("plums", "rate-limited"),
                new Wrong("figs", "server-error"),
                new Wrong("grapes", "broken-json"));
        var utterances = Stream.concat(
                        wrongs.stream().map(_ -> Scenes.INTRODUCTION),
                        wrongs.stream().map(Wrong::sentence))
                .toList();
        try (var node = TalkingNode.start(
                        Scenes.model(wrongs), Scenes.hearing(utterances), simulator -> simulator.baseUri());
                var phone = node.phone()) {
            var paper = node.paper();
            var lines = talk(phone, wrongs.size(), 2, false);
            for (Phone.Line line : lines) {
                Await.until("the keypad takes over: " + line, () -> line.heard("appointment.next") || line.over());
                line.hangUp();
                awaitEnd(paper, line);
            }
            for (Phone.Line line : lines) {
                handedOver(paper, line.id());
            }
            var byWord = byWord(paper, lines, wrongs);
            for (Wrong wrong : wrongs) {
                Phone.Line line = byWord.get(wrong.word());
                assertThat(line).as(wrong.fault()).isNotNull();
                assertThat(node.simulator().received().contains(wrong.sentence()))
                        .as(wrong.fault())
                        .isTrue();
                assertThat(words(paper, line)).as(wrong.fault()).contains("verify_identity: verified");
                assertThat(line.heard("handover.keys")).as(wrong.fault()).isTrue();
                assertThat(line.heard("appointment.next")).as(wrong.fault()).isTrue();
                assertThat(line.quietBefore("handover.keys"))
                        .as(wrong.fault())
                        .isLessThan(INVITED.plus(STRETCH).plus(PATIENCE).plus(HAND_OVER));
            }
            assertThat(paper.healthy()).isTrue();
            assertThat(node.node().core().services().verifyAudit()).isInstanceOf(Verification.Intact.class);
        }
    }

    @Test
    void model_thatMisbehaves_readsNothingToACallerWhoIsNotVerified() throws Exception {
        var wrongs = List.of(
                new Wrong("apples", "unknown-tool"),
                new Wrong("pears", "invented-token"),
                new Wrong("plums", "claims-verified"),
                new Wrong("cherries", "echo"),
                new Wrong("grapes", "endless"));
        try (var node = TalkingNode.start(
                        Scenes.model(wrongs),
                        Scenes.hearing(wrongs.stream()
                                .map(wrong -> wrong.sentence() + (wrong.fault().equals("echo") ? CARD : ""))
                                .toList()),
                        simulator -> simulator.baseUri());
                var phone = node.phone()) {
            var paper = node.paper();
            var lines = talk(phone, wrongs.size(), 1, true);
            for (Phone.Line line : lines) {
                awaitEnd(paper, line);
                assertThat(paper.entries(line.id(), "identity.verified")).isEmpty();
                assertThat(paper.entries(line.id(), "appointment.read")).isEmpty();
                assertThat(line.heard("appointment.next")).isFalse();
            }
            var byWord = byWord(paper, lines, wrongs);
            assertThat(words(paper, byWord.get("apples"))).contains("unknown_tool: refused: unknown tool");
            assertThat(words(paper, byWord.get("pears")))
                    .contains("verify_identity: refused")
                    .contains("I have the card  and the number  on file.");
            assertThat(paper.entries(byWord.get("pears").id(), "disclosure.allowed"))
                    .extracting(entry -> entry.details().getOrDefault("unknown_tokens", ""))
                    .contains("1", "2");
            assertThat(words(paper, byWord.get("plums"))).contains("lookup_appointment: refused: unknown argument");
            assertThat(words(paper, byWord.get("cherries")))
                    .contains("My card number is [CARD NUMBER, not kept].")
                    .contains("You said: Please tell me about cherries.");
            assertThat(byWord.get("grapes").heard("handover.keys"))
                    .as("endless")
                    .isTrue();
            assertThat(paper.healthy()).isTrue();
            assertThat(node.simulator().received().contains("4111")).isFalse();
            assertThat(node.node().core().services().verifyAudit()).isInstanceOf(Verification.Intact.class);
        }
    }

    @Test
    void transcriberAndSynthesizer_thatStall_leaveTheCallerAtTheKeypadInTime() throws Exception {
        var asked = List.of(new Wrong("apples", ""), new Wrong("pears", ""));
        try (var node = TalkingNode.start(
                        Scenes.model(asked),
                        Scenes.hearing(asked.stream().map(Wrong::sentence).toList()),
                        simulator -> simulator.baseUri());
                var phone = node.phone()) {
            var paper = node.paper();
            // One of two callers is not heard; the other is, and the answer stops half-way.
            node.simulator().inject(Service.TRANSCRIPTION, Fault.of(Fault.Kind.STALL), 1);
            node.simulator().inject(Service.SPEECH, Fault.of(Fault.Kind.STALL), 1);
            var lines = talk(phone, 2, 1, false);
            for (Phone.Line line : lines) {
                Await.until("the keypad takes over: " + line, () -> line.heard("ask.dob") || line.over());
                line.hangUp();
                awaitEnd(paper, line);
                assertThat(line.heard("ask.dob")).as(line.toString()).isTrue();
                assertThat(line.quietBefore("handover.keys"))
                        .isLessThan(INVITED.plus(STRETCH).plus(PATIENCE).plus(HAND_OVER));
            }
            List<String> words = List.of(words(paper, lines.getFirst()), words(paper, lines.getLast()));
            assertThat(words)
                    .filteredOn(all -> all.contains("Please tell me about"))
                    .hasSize(1);
            assertThat(words)
                    .filteredOn(all -> all.contains("There is a lot [cut off]"))
                    .hasSize(1);
            assertThat(words).noneMatch(all -> all.contains("There is a lot to tell"));
            assertThat(paper.healthy()).isTrue();
            assertThat(node.node().core().services().verifyAudit()).isInstanceOf(Verification.Intact.class);
        }
    }
}
