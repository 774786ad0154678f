package dev.sotto.server.faults;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sotto.guard.GuardRules;
import dev.sotto.media.AudioClip;
import dev.sotto.server.faults.Scenes.Wrong;
import dev.sotto.simulator.WebhookSimulator.Delivery;
import dev.sotto.testkit.LeakScan;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// Somebody outside is told, whatever goes wrong on the way, and of ids only.
class NotifyIT {
    private static final int TURNS = 8;
    private static final String NOT_ACTIVE = "agreement-not-active";
    private static final String SAID = "There is a lot to tell about matter0";

    private static JsonNode event(Delivery delivery) {
        return JsonMapper.shared().readTree(delivery.body());
    }

    /// The agreement with the model ends in the middle of a call, while the mail server is down.
    @Test
    void denialInACall_isMailedAndPosted_withTheCallsIdAndNotItsWords() throws Exception {
        var quiet = IntStream.range(0, TURNS)
                .mapToObj(i -> new Wrong("matter" + i, ""))
                .toList();
        try (var receivers = Receivers.start();
                var node = TalkingNode.start(
                        Scenes.model(quiet),
                        Scenes.hearing(quiet.stream().map(Wrong::sentence).toList()),
                        simulator -> simulator.baseUri(),
                        receivers::configure);
                var phone = node.phone()) {
            int port = receivers.stopMail();
            var paper = node.paper();
            var line = phone.talk(ModelFaultIT.turns(TURNS), false);
            Await.until(
                    "the model answers",
                    () -> paper.turns(line.id()).stream()
                            .anyMatch(turn -> turn.text().contains(SAID)));
            node.writeRegister(GuardRules.shippedRegister()
                    .replaceFirst("status: not-needed", "status: signed, from: 2024-01-01, until: 2024-12-31"));
            Await.until("the webhook is told", () -> !receivers.at("/alerts").isEmpty());
            Await.until("the keypad takes over", () -> line.heard("handover.keys") || line.over());
            line.hangUp();
            line.await();

            JsonNode alert = event(receivers.at("/alerts").getFirst());
            assertThat(alert.path("type").asString()).isEqualTo("dev.sotto.disclosure.denied");
            assertThat(alert.path("subject").asString()).isEqualTo("call/" + line.id());
            assertThat(alert.path("data").path("rule").asString()).isEqualTo(NOT_ACTIVE);
            assertThat(receivers.mail().messages()).isEmpty();

            receivers.restartMail(port);
            Await.until(
                    "the mail comes when the server is back",
                    () -> !receivers.mail().messages().isEmpty());
            assertThat(receivers.mail().messages().getFirst().content())
                    .contains("call: " + line.id())
                    .contains("rule: " + NOT_ACTIVE);
            Await.until("the end is told", () -> !receivers.at("/crm").isEmpty());
            JsonNode completed = event(receivers.at("/crm").getFirst());
            assertThat(completed.path("type").asString()).isEqualTo("dev.sotto.call.completed");
            assertThat(completed.path("data").path("call").asString())
                    .isEqualTo(line.id().toString());

            Await.until(
                    "all is recorded",
                    () -> paper.entries(line.id(), "notice.sent").size() >= 3);
            assertThat(paper.entries(line.id(), "disclosure.allowed"))
                    .extracting(entry -> entry.details().get("purpose"))
                    .contains("alert", "webhook");
            noWordIn(receivers, node.home().folder());
        }
    }

    private static void noWordIn(Receivers receivers, Path folder) throws Exception {
        var scan = new LeakScan().text("model's words", SAID).text("caller's number", "+15550110123");
        Path planted = Files.createDirectory(folder.resolve("planted"));
        int number = 0;
        for (byte[] form : scan.forms().values()) {
            Files.write(planted.resolve("form-" + number++), form);
        }
        assertThat(scan.search(planted)).as("the search finds each form").hasSizeGreaterThanOrEqualTo(number);
        assertThat(receivers.search(scan, folder.resolve("received"))).isEmpty();
    }

    @Test
    void nodeKilledBeforeItCouldTell_tellsAfterItsRestart() throws Exception {
        try (var home = Home.make("notify");
                var receivers = Receivers.start()) {
            Path config = home.folder().resolve("sotto.conf");
            Files.writeString(home.folder().resolve("policy.yaml"), GuardRules.shippedPolicy());
            Files.writeString(home.folder().resolve("register.yaml"), GuardRules.shippedRegister());
            Files.writeString(
                    config,
                    receivers.configure(home)
                            + "guard.policy = %s\nguard.register = %s\n"
                                    .formatted(
                                            home.folder().resolve("policy.yaml"),
                                            home.folder().resolve("register.yaml")));
            receivers.hooks().down();
            String call;
            var node = NodeProcess.start(home, "--config", config.toString());
            try (var phone = Phone.at(home)) {
                var line = phone.call("+15550133009", AudioClip.of(new byte[0]), "", true);
                call = line.id().toString();
                line.await();
                var paper = Paper.of(home);
                Await.until(
                        "the call is closed",
                        () -> !paper.entries(line.id(), "call.ended").isEmpty());
            } finally {
                node.kill();
            }
            assertThat(receivers.hooks().deliveries()).isEmpty();

            receivers.hooks().up();
            try (var _ = NodeProcess.start(home, "--config", config.toString())) {
                Await.until(
                        "it is told",
                        Duration.ofSeconds(40),
                        () -> !receivers.at("/crm").isEmpty());
            }
            List<Delivery> told = receivers.at("/crm");
            assertThat(told)
                    .allSatisfy(each -> assertThat(
                                    event(each).path("data").path("call").asString())
                            .isEqualTo(call));
        }
    }
}
