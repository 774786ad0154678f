package dev.sotto.server.faults;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sotto.agent.Vertical;
import dev.sotto.audit.AuditQuery;
import dev.sotto.audit.Verification;
import dev.sotto.core.CallId;
import dev.sotto.media.WavFile;
import dev.sotto.server.faults.Scenes.Wrong;
import dev.sotto.simulator.Scene;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/// What a node makes of calls once they ended, and what it does while its tool catalogue does not fit.
class AfterCallIT {
    private static final String WANTED = "after-call.summary = on\nafter-call.analytics = on\n";

    @TempDir
    private Path folder;

    private static JsonNode awaitAfter(Paper paper, CallId call) throws Exception {
        Await.until(
                "the work after the call is done",
                () -> paper.call(call).at("/afterCall/state").asString("").equals("done"));
        return paper.call(call).path("afterCall");
    }

    @Test
    void call_withAModel_isSummarisedAndRatedUnderTheGuard() throws Exception {
        Scene scene = Scene.shipped("healthcare-conversation");
        try (var node = TalkingNode.start(scene, scene, simulator -> simulator.baseUri("call"), WANTED);
                var phone = node.phone()) {
            var line = phone.talk(WavFile.read(Path.of("../samples/conversation.wav")), true);
            line.await();
            var paper = node.paper();
            JsonNode after = awaitAfter(paper, line.id());

            assertThat(after.at("/summary/by").asString()).isEqualTo("model simulator/healthcare-conversation");
            assertThat(after.at("/summary/text").asString())
                    .isEqualTo(
                            "Scripted summary: [NAME] asked for the next appointment, was verified, and was told when"
                                    + " it is. Nothing is left to do.");
            assertThat(after.at("/analytics/sentiment").doubleValue()).isEqualTo(0.6);
            assertThat(after.at("/analytics/leadScore").intValue()).isEqualTo(55);
            assertThat(paper.entries(line.id(), "disclosure.allowed"))
                    .extracting(entry -> entry.details().get("destination") + " "
                            + entry.details().get("purpose"))
                    .contains("simulator summary", "simulator analytics", "local-records summary");
            assertThat(paper.entries(line.id(), "call.summarised")).hasSize(1);
            assertThat(paper.entries(line.id(), "call.scored")).hasSize(1);
            assertThat(paper.entries(line.id(), "call.insights_opened")).isNotEmpty();
            String sent = node.simulator().received().entries().stream()
                    .map(entry -> entry.text())
                    .filter(text -> text.contains("Summarise this call as JSON"))
                    .findFirst()
                    .orElseThrow();
            String request = sent.substring(sent.lastIndexOf("\"messages\"", sent.indexOf("Summarise this call")));
            assertThat(request).contains("<PERSON_1>").doesNotContain("Oakfield", "eighty four");
            assertThat(node.node().core().services().verifyAudit()).isInstanceOf(Verification.Intact.class);
        }
    }

    @Test
    void callThatEndedWhileItsNodeDied_isSummarisedAtTheNextStart() throws Exception {
        try (Home home = Home.make("after")) {
            CallId call;
            try (var node = NodeProcess.start(home);
                    var phone = Phone.at(home)) {
                var line = phone.call("+15550104417", Sound.speech(1, Duration.ofSeconds(1)), "0# ", false);
                call = line.id();
                Await.until("the call is on", () -> line.heard().length > 8_000);
                node.kill();
                line.await();
            }
            try (var node = NodeProcess.start(home)) {
                var paper = Paper.of(home);
                JsonNode after = awaitAfter(paper, call);

                assertThat(after.at("/summary/by").asString()).isEqualTo("rules-1");
                assertThat(after.at("/summary/reason").asString()).isEqualTo("no_model");
                assertThat(after.at("/summary/text").asString()).endsWith("The line was lost.");
                assertThat(paper.entries(call, "call.summarised")).hasSize(1);
                assertThat(node.isAlive()).isTrue();
            }
        }
    }

    @Test
    void catalogue_thatIsDamagedWhileTheNodeRuns_leavesCallersToTheKeypadUntilItIsRepaired() throws Exception {
        String good = shippedCatalogue();
        Path catalogue = Files.writeString(folder.resolve("catalogue.json"), good);
        var quiet = List.of(new Wrong("apples", ""), new Wrong("pears", ""), new Wrong("plums", ""));
        try (var node = TalkingNode.start(
                        Scenes.model(quiet),
                        Scenes.hearing(quiet.stream().map(Wrong::sentence).toList()),
                        simulator -> simulator.baseUri(),
                        TalkingNode.QUIET + "model.catalogue = %s\nmodel.catalogue-check = 1s\n".formatted(catalogue));
                var phone = node.phone()) {
            var paper = node.paper();
            assertThat(answered(paper, phone)).isTrue();

            replace(catalogue, good.replace("\"lookup_appointment\"", "\"lookup_everything\""));
            Await.until(
                    "it is noticed", () -> paper.client().text("/health").contains("\"tool-catalogue\":\"degraded\""));
            assertThat(paper.client().text("/health")).contains("\"status\":\"degraded\"");
            assertThat(paper.metric("sotto_agent_catalogue_usable")).isZero();
            var keyed = phone.call("+15550104417", Sound.speech(1, Duration.ofSeconds(1)), "19840512#0123#", false);
            Await.until("the keypad asks", () -> keyed.heard("ask.dob") || keyed.over());
            assertThat(keyed.heard("ask.dob")).as(keyed.toString()).isTrue();
            keyed.hangUp();
            keyed.await();

            replace(catalogue, good);
            Await.until("it is noticed", () -> paper.client().text("/health").contains("\"status\":\"up\""));
            assertThat(answered(paper, phone)).isTrue();
            assertThat(node.node()
                            .core()
                            .services()
                            .audit()
                            .entries(AuditQuery.first(AuditQuery.LARGEST_LIMIT).type("catalogue.refused")))
                    .hasSize(1);
        }
    }

    /// Whether a model answers a call.
    private static boolean answered(Paper paper, Phone phone) throws Exception {
        var line = phone.talk(ModelFaultIT.turns(1), true);
        line.await();
        Await.until(
                "the call is closed",
                () -> !paper.entries(line.id(), "call.ended").isEmpty());
        return paper.turns(line.id()).stream().anyMatch(turn -> turn.text().contains("There is a lot to tell"));
    }

    private static String shippedCatalogue() throws Exception {
        try (var in = Vertical.class.getResourceAsStream("vertical/healthcare-1.json")) {
            return new String(in.readAllBytes(), UTF_8);
        }
    }

    private void replace(Path file, String text) throws Exception {
        Path whole = Files.writeString(folder.resolve("new.json"), text);
        Files.move(whole, file, StandardCopyOption.ATOMIC_MOVE);
    }
}
