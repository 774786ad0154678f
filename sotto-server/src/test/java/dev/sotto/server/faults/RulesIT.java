package dev.sotto.server.faults;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sotto.audit.AuditEntry;
import dev.sotto.audit.AuditQuery;
import dev.sotto.audit.Verification;
import dev.sotto.guard.GuardRules;
import dev.sotto.server.faults.Scenes.Wrong;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/// Policy and register that change while a node talks.
class RulesIT {
    private static final int TURNS = 8;
    private static final String NOT_ACTIVE = "agreement-not-active";

    private static List<AuditEntry> entries(TalkingNode node, String type) {
        return node.node()
                .core()
                .services()
                .audit()
                .entries(AuditQuery.first(AuditQuery.LARGEST_LIMIT).type(type));
    }

    private static void awaitEntries(TalkingNode node, String type, int count) throws Exception {
        Await.until(count + " times " + type, () -> entries(node, type).size() >= count);
    }

    @Test
    void rules_thatChangeWhileTheNodeTalks_countFromTheNextAct() throws Exception {
        var quiet = IntStream.range(0, TURNS)
                .mapToObj(i -> new Wrong("matter" + i, ""))
                .toList();
        try (var node = TalkingNode.start(
                        Scenes.model(quiet),
                        Scenes.hearing(quiet.stream().map(Wrong::sentence).toList()),
                        simulator -> simulator.baseUri());
                var phone = node.phone()) {
            var paper = node.paper();
            node.writePolicy(GuardRules.shippedPolicy().replace("PERSON: tokenise", "PERSON: shred"));
            awaitEntries(node, "guard.rules.refused", 1);

            // The old policy stays: the model answers under it.
            var line = phone.talk(ModelFaultIT.turns(TURNS), false);
            Await.until(
                    "the model answers",
                    () -> paper.turns(line.id()).stream()
                            .anyMatch(turn -> turn.text().contains("There is a lot to tell about matter0")));
            assertThat(paper.entries(line.id(), "disclosure.allowed"))
                    .extracting(entry -> entry.details().get("policy"))
                    .containsOnly(GuardRules.shipped().label());
            assertThat(paper.entries(line.id(), "disclosure.denied")).isEmpty();

            String expired = GuardRules.shippedRegister()
                    .replaceFirst("status: not-needed", "status: signed, from: 2024-01-01, until: 2024-12-31");
            node.writePolicy(GuardRules.shippedPolicy());
            node.writeRegister(expired);
            Await.until("the keypad takes over: " + line, () -> line.heard("handover.keys") || line.over());
            Await.until("the keypad asks", () -> line.heard("ask.dob") || line.over());
            line.hangUp();
            line.await();

            assertThat(line.heard("ask.dob")).as(line.toString()).isTrue();
            awaitEntries(node, "guard.rules.loaded", 2);
            Await.until(
                    "the call is closed",
                    () -> !paper.entries(line.id(), "call.ended").isEmpty());
            refused(paper.entries(line.id()));
            assertThat(paper.healthy()).isTrue();
            assertThat(node.node().core().services().verifyAudit()).isInstanceOf(Verification.Intact.class);
        }
    }

    /// The act that came next was denied, or the stream of the caller's sound was shut, whichever was first; and
    /// nothing went there under the new rules.
    private static void refused(List<Paper.Entry> entries) {
        assertThat(entries).anyMatch(entry -> switch (entry.type()) {
            case "disclosure.denied" -> NOT_ACTIVE.equals(detail(entry, "rule"));
            case "disclosure.ended" -> NOT_ACTIVE.equals(detail(entry, "shut"));
            default -> false;
        });
        assertThat(entries)
                .filteredOn(entry -> entry.type().equals("disclosure.allowed"))
                .filteredOn(entry -> detail(entry, "destination").equals("simulator"))
                .extracting(entry -> detail(entry, "policy"))
                .containsOnly(GuardRules.shipped().label());
    }

    private static String detail(Paper.Entry entry, String name) {
        return entry.details().getOrDefault(name, "");
    }
}
