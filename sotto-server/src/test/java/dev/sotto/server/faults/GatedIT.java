package dev.sotto.server.faults;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sotto.audit.AuditQuery;
import dev.sotto.audit.Verification;
import dev.sotto.guard.GuardRules;
import dev.sotto.media.AudioClip;
import dev.sotto.server.call.KeyTiming;
import dev.sotto.simulator.Pace;
import dev.sotto.simulator.Scene;
import java.time.Duration;
import java.util.List;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/// Calls in gated mode, through the real node and the simulator's sockets.
class GatedIT {
    private static final List<String> BIRTH_DATE =
            List.of("twelfth nineteen", "nineteen eighty", "eighty four", "19840512", "1984-05-12", "1984", "May 12");
    /// Of what a phone has heard when it is asked.
    private static final int ABOUT_MILLISECONDS = 400;

    private static final int BYTES_PER_MILLISECOND = 8;

    @Test
    void conversation_isVerified_andWhatIsToldInWordsHasNoBirthDate() throws Exception {
        try (var node = TalkingNode.gated(Scene.shipped("healthcare-conversation"), Pace.IMMEDIATE, "");
                var phone = node.phone()) {
            var line = phone.talk(ModelFaultIT.turns(3), true);
            line.await();
            var paper = node.paper();
            var id = line.id();
            Await.until(
                    "the call is closed", () -> !paper.entries(id, "call.ended").isEmpty());

            assertThat(words(paper, line))
                    .contains("My name is [NAME], and I was born on [DATE OF BIRTH].")
                    .contains("verify_identity: verified")
                    .contains("Your next appointment is on ")
                    .contains("[DATE]")
                    .doesNotContain("Oakfield")
                    .doesNotContain("eighty four");
            assertThat(line.heard("appointment.next")).as(line.toString()).isTrue();
            assertThat(paper.call(id).path("mode").asString("")).isEqualTo("gated");
            assertThat(paper.call(id).path("served").asString("")).isEqualTo("gated");
            assertThat(paper.call(id).has("handedOverAt")).isFalse();
            recorded(node, paper.entries(id));
            String told = Wire.words(node.simulator());
            assertThat(told)
                    .contains("Maren Oakfield, and I was born on <DOB_1>")
                    .contains("\"create_response\":false");
            assertThat(BIRTH_DATE).noneMatch(told::contains);
            assertThat(paper.metric("sotto_agent_gated_hold_seconds_count")).isPositive();
            assertThat(paper.metric("sotto_agent_gated_audio_to_frame_seconds_count"))
                    .isPositive();
            assertThat(paper.healthy()).isTrue();
            assertThat(node.node().core().services().verifyAudit()).isInstanceOf(Verification.Intact.class);
        }
    }

    private static void recorded(TalkingNode node, List<Paper.Entry> entries) {
        var purposes = new TreeSet<String>();
        entries.stream()
                .filter(entry -> entry.type().equals("disclosure.allowed"))
                .forEach(entry -> purposes.add(entry.details().get("destination") + " "
                        + entry.details().get("purpose")));
        assertThat(purposes)
                .containsExactly("local-tools tool-arguments", "local-voice speech-synthesis", "simulator realtime");
        assertThat(entries)
                .filteredOn(entry -> entry.type().equals("disclosure.ended"))
                .singleElement()
                .satisfies(ended -> assertThat(ended.details().get("units"))
                        .isEqualTo(String.valueOf(Wire.frames(node.simulator()))));
        long asked = entries.stream()
                .filter(entry -> entry.type().equals("disclosure.allowed"))
                .filter(entry -> "realtime".equals(entry.details().get("purpose")))
                .count();
        // The passage and the instructions besides.
        assertThat(asked).isEqualTo(2 + Wire.count(node.simulator(), "response.create"));
    }

    /// What the caller interrupts, and then a sentence that the policy does not let out, in the older dialect.
    @Test
    void interruption_andSentenceThatIsDenied_areHeardAsFarAsTheyMayBe() throws Exception {
        try (var node = TalkingNode.gated(Scenes.fruit(), new Pace(6), "model.realtime-dialect = beta\n");
                var phone = node.phone()) {
            node.writePolicy(
                    GuardRules.shippedPolicy().replaceFirst("(?s)(id: healthcare-voice.*?)DATE: keep", "$1DATE: deny"));
            Await.until(
                    "the policy counts",
                    () -> node.node()
                                    .core()
                                    .services()
                                    .audit()
                                    .entries(AuditQuery.first(500).type("guard.rules.loaded"))
                                    .size()
                            > 1);
            var line =
                    phone.call("+15550110123", phone.target().to(), interrupting(), "", KeyTiming.practised(), false);
            Await.until(
                    "the model is told where it was cut",
                    () -> !Wire.cuts(node.simulator()).isEmpty());
            int greeted = Sound.find(line.heard(), Sound.shipped("talk.greeting"));
            assertThat(greeted).isNotNegative();
            int heard = (line.heard().length - greeted - Sound.shipped("talk.greeting").length) / BYTES_PER_MILLISECOND;
            assertThat(Wire.cuts(node.simulator()))
                    .singleElement()
                    .satisfies(
                            cut -> assertThat(cut).isBetween(heard - ABOUT_MILLISECONDS, heard + ABOUT_MILLISECONDS));
            assertThat(heard).isBetween(500, 5_000);

            Await.until("the safe sentence", () -> line.heard("talk.blocked") || line.over());
            line.hangUp();
            line.await();
            var paper = node.paper();
            Await.until(
                    "the call is closed",
                    () -> !paper.entries(line.id(), "call.ended").isEmpty());
            assertThat(line.heard("talk.blocked")).as(line.toString()).isTrue();
            assertThat(line.heard("appointment.next")).isFalse();
            assertThat(line.heard("book.done")).isFalse();
            assertThat(words(paper, line))
                    .contains("There is a lot to tell about apples.")
                    .contains("[cut off]")
                    .contains("Please tell me about pears.")
                    .contains("Gladly.")
                    .doesNotContain("Your next appointment")
                    .doesNotContain("You are booked");
            assertThat(paper.entries(line.id(), "disclosure.denied"))
                    .extracting(entry -> entry.details().get("purpose"))
                    .containsOnly("speech-synthesis");
            assertThat(paper.healthy()).isTrue();
        }
    }

    /// Says something once greeted, and something else while the answer is heard.
    private static AudioClip interrupting() throws Exception {
        long before = 0;
        for (String clip : List.of("announce.ai", "announce.recorded", "talk.greeting")) {
            before += Sound.shipped(clip).length / BYTES_PER_MILLISECOND;
        }
        return AudioClip.concat(List.of(
                AudioClip.silence(Duration.ofMillis(before + 1_000)),
                Sound.speech(1, Duration.ofMillis(600)),
                AudioClip.silence(Duration.ofMillis(4_000)),
                Sound.speech(2, Duration.ofMillis(600)),
                AudioClip.silence(Duration.ofMillis(20_000))));
    }

    private static String words(Paper paper, Phone.Line line) throws Exception {
        return paper.turns(line.id()).stream().map(Paper.Turn::text).collect(Collectors.joining("\n"));
    }
}
