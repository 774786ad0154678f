package dev.sotto.server.faults;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sotto.core.CallId;
import dev.sotto.guard.GuardRules;
import dev.sotto.server.faults.CanaryScene.Canary;
import dev.sotto.simulator.Fault;
import dev.sotto.simulator.ModelSimulator;
import dev.sotto.simulator.Pace;
import dev.sotto.simulator.Received;
import dev.sotto.simulator.ServerIdentity;
import dev.sotto.simulator.Service;
import dev.sotto.testkit.LeakScan;
import dev.sotto.testkit.LeakScan.Hit;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// Whole calls of a caller who says everything that must not get out, through tool loops, provider errors and what is
/// made of them afterwards: every byte that left the node or lies on its disk is searched. With `-Dsotto.long=true`
/// every fault of every service.
class CanaryIT {
    private static final boolean LONG = Boolean.getBoolean("sotto.long");
    /// Of the log of a node, where a test failed.
    private static final int TAIL = 20_000;

    private static final int FIRST_TRIES = 3;
    private static final String PLANTED = "planted";
    private static final String WANTED = """
            after-call.summary = on
            after-call.analytics = on
            server.log-level = debug
            model.patience = 10s
            """;

    /// Somewhere bytes of calls could come to rest.
    ///
    /// @param searched the folder in which they are searched
    /// @param purpose of the disclosures that may bring values there; empty if none may
    private record Sink(String name, Path searched, String purpose) {}

    private Home home;
    private Path kept;

    @BeforeEach
    void makeHome() throws IOException {
        home = Home.make("canary");
        kept = Files.createDirectory(home.folder().resolve("kept"));
    }

    @AfterEach
    void removeHome() throws IOException {
        home.close();
    }

    @Test
    void calls_fullOfCanaries_leaveThemNowhereButWhereAPolicyAllowedAndTheLogSaysSo() throws Exception {
        ServerIdentity identity = TalkingNode.identity();
        List<Fault.Kind> faults = LONG
                ? List.of(
                        Fault.Kind.SERVER_ERROR,
                        Fault.Kind.RATE_LIMITED,
                        Fault.Kind.BROKEN_JSON,
                        Fault.Kind.CLOSE,
                        Fault.Kind.STALL)
                : List.of(Fault.Kind.SERVER_ERROR, Fault.Kind.BROKEN_JSON, Fault.Kind.CLOSE);
        List<Service> services =
                LONG ? List.of(Service.CHAT, Service.TRANSCRIPTION, Service.SPEECH) : List.of(Service.CHAT);
        var hearing = CanaryScene.hearing(FIRST_TRIES + 4 + faults.size() * services.size());
        var scene = CanaryScene.model();
        try (var receivers = Receivers.start();
                ModelSimulator simulator =
                        TalkingNode.provider(identity, TalkingNode.scenes(scene, hearing), Pace.IMMEDIATE)) {
            Path config = TalkingNode.configure(
                    home,
                    identity,
                    TalkingNode.strict(simulator.baseUri(), simulator.model(scene), simulator.model(hearing))
                            + WANTED
                            + receivers.configure(home));
            try (NodeProcess node = NodeProcess.start(home, "--config", config.toString());
                    var phone = Phone.at(home)) {
                var paper = Paper.of(home);
                List<CallId> calls = new ArrayList<>(whole(node, paper, phone));
                for (Service service : services) {
                    calls.addAll(failing(node, paper, phone, simulator, service, faults));
                }
                for (CallId call : calls) {
                    Await.until(
                            "what is made of the call is made",
                            () -> paper.call(call)
                                    .at("/afterCall/state")
                                    .asString("")
                                    .equals("done"));
                }
                assertThat(paper.call(calls.getFirst())
                                .at("/afterCall/summary/text")
                                .asString())
                        .isEqualTo("[NAME] told a lot about [CARD NUMBER].");
                told(paper, phone, receivers, calls);
                receivers.save(kept.resolve("webhooks"), kept.resolve("mail"));
                keep(node, simulator.received());
                search(paper, calls);
            }
            clean(new Sink("data of a stopped node", home.data(), ""));
        }
    }

    /// A call in which everything works: all is said, and all is repeated. A process that has just started may be too
    /// late for its first caller, who is then served by keypad; that call is searched for too.
    private static List<CallId> whole(NodeProcess node, Paper paper, Phone phone) throws Exception {
        List<CallId> calls = new ArrayList<>();
        for (int i = 0; i < FIRST_TRIES; i++) {
            var line = phone.talk(ModelFaultIT.turns(CanaryScene.SAID.size()), true);
            line.await();
            awaitEnd(paper, line);
            calls.addFirst(line.id());
            if (!line.heard("handover.keys")) {
                break;
            }
        }
        assertThat(paper.turns(calls.getFirst()).stream().map(Paper.Turn::text))
                .as(node.err())
                .anyMatch(text -> text.contains("My name is [NAME]"))
                .anyMatch(text -> text.equals("verify_identity: verified"))
                .anyMatch(text -> text.contains("You said: My card number is"))
                .anyMatch(text -> text.contains("[CARD NUMBER, not kept]"))
                .anyMatch(text -> text.contains("Call me back on [PHONE]"));
        return calls;
    }

    /// One call for each fault, all at once. A client that asks again may meet the fault of another call, which then
    /// goes
    /// on until the agent asks whether somebody is there.
    private static List<CallId> failing(
            NodeProcess node,
            Paper paper,
            Phone phone,
            ModelSimulator simulator,
            Service service,
            List<Fault.Kind> faults)
            throws Exception {
        faults.forEach(fault -> simulator.inject(service, Fault.of(fault), 1));
        List<Phone.Line> lines = new ArrayList<>();
        for (int i = 0; i < faults.size(); i++) {
            lines.add(phone.talk(ModelFaultIT.turns(1), false));
        }
        List<CallId> calls = new ArrayList<>();
        for (Phone.Line line : lines) {
            try {
                Await.until("the fault is over", () -> lost(line) || line.heard("talk.silence") || line.over());
            } catch (AssertionError failure) {
                String err = node.err();
                throw new AssertionError(
                        "%s, broke %s, the node: %s"
                                .formatted(line, line.broke(), err.substring(Math.max(0, err.length() - TAIL))),
                        failure);
            }
            line.hangUp();
            awaitEnd(paper, line);
            calls.add(line.id());
        }
        boolean any = false;
        for (Phone.Line line : lines) {
            any |= lost(line);
        }
        assertThat(any).as("somebody lost the model to a fault of %s", service).isTrue();
        return calls;
    }

    private static boolean lost(Phone.Line line) throws Exception {
        return line.heard("handover.keys");
    }

    /// The agreement with the provider ends while somebody says it all again: an alert goes out. Whoever is to be told
    /// of the calls has been, when this returns.
    private void told(Paper paper, Phone phone, Receivers receivers, List<CallId> calls) throws Exception {
        Path register = home.folder().resolve("register.yaml");
        Path ended = Files.writeString(
                home.folder().resolve("register.new"),
                GuardRules.shippedRegister()
                        .replaceFirst("status: not-needed", "status: signed, from: 2024-01-01, until: 2024-12-31"));
        var line = phone.talk(ModelFaultIT.turns(2 * CanaryScene.SAID.size()), false);
        Await.until("the model greets", () -> line.heard("talk.greeting") || line.over());
        Files.move(ended, register, StandardCopyOption.ATOMIC_MOVE);
        Await.until("the keypad takes over: " + line, () -> lost(line) || line.over());
        line.hangUp();
        awaitEnd(paper, line);
        calls.add(line.id());
        for (CallId call : calls) {
            Await.until(
                    "the end of the call is posted",
                    () -> receivers.at("/crm").stream()
                            .anyMatch(delivery -> delivery.body().contains(call.toString())));
        }
        Await.until("the alert is posted", () -> !receivers.at("/alerts").isEmpty());
        Await.until("the alert is mailed", () -> !receivers.mail().messages().isEmpty());
    }

    private static void awaitEnd(Paper paper, Phone.Line line) throws Exception {
        line.await();
        Await.until(
                "the call is closed",
                () -> !paper.entries(line.id(), "call.ended").isEmpty());
    }

    /// Puts everything that left the node where it can be searched, a folder a sink.
    private void keep(NodeProcess node, Received received) throws Exception {
        assertThat(received.complete()).isTrue();
        int number = 0;
        for (Received.Entry entry : received.entries()) {
            for (String piece : new String(entry.bytes(), ISO_8859_1).split("(?=POST /v1/\\S+ HTTP/1\\.1\r\n)", -1)) {
                assertThat(piece).startsWith("POST /v1/");
                String service = piece.substring("POST /v1/".length(), piece.indexOf(" HTTP/1.1"));
                Path folder = Files.createDirectories(kept.resolve(service.replace('/', '-')));
                Files.write(folder.resolve(number++ + ".request"), piece.getBytes(ISO_8859_1));
            }
        }
        // The keys of the demo's own example are meant to be read.
        write("out", node.out().replace("19840512#4417#", ""));
        assertThat(node.err()).as("it logs at debug").contains("\"level\":\"debug\"");
        write("err", node.err());
        write("metrics", node.client().text("/metrics"));
        write("health", node.client().text("/health"));
    }

    private void write(String sink, String text) throws IOException {
        Files.writeString(Files.createDirectories(kept.resolve(sink)).resolve("all"), text, UTF_8);
    }

    /// Every place that is searched. Whoever adds a way out of a node adds it here.
    private List<Sink> sinks() {
        return Stream.concat(
                        Stream.of(
                                new Sink("chat-completions", kept.resolve("chat-completions"), "language-model"),
                                new Sink("audio-transcriptions", kept.resolve("audio-transcriptions"), "transcription"),
                                new Sink("audio-speech", kept.resolve("audio-speech"), "speech-synthesis")),
                        Stream.of(
                                new Sink("webhooks", kept.resolve("webhooks"), ""),
                                new Sink("mail", kept.resolve("mail"), ""),
                                new Sink("standard output", kept.resolve("out"), ""),
                                new Sink("log", kept.resolve("err"), ""),
                                new Sink("metrics", kept.resolve("metrics"), ""),
                                new Sink("health", kept.resolve("health"), ""),
                                new Sink("data", home.data(), ""),
                                new Sink("state", home.stateBase(), ""),
                                new Sink("temporary files", home.temporary(), "")))
                .toList();
    }

    private void search(Paper paper, List<CallId> calls) throws Exception {
        for (Sink sink : sinks()) {
            finds(sink);
            if (sink.purpose().isEmpty()) {
                clean(sink);
            } else {
                allowed(sink, CanaryScene.scan().search(sink.searched()), paper, calls);
            }
        }
        assertThat(CanaryScene.scan().search(kept.resolve("audio-speech")))
                .as("what the caller hears is a hit: the search is awake")
                .anyMatch(hit -> hit.canary().startsWith("name"))
                .anyMatch(hit -> hit.canary().startsWith("phone"));
    }

    /// Shows that the search finds each form of each canary in this very place.
    private void finds(Sink sink) throws IOException {
        Path planted = Files.createDirectories(sink.searched().resolve(PLANTED));
        LeakScan scan = CanaryScene.scan();
        for (var form : scan.forms().entrySet()) {
            Path file = Files.write(planted.resolve("form"), form.getValue());
            assertThat(scan.search(planted))
                    .as("%s in %s", form.getKey(), sink.name())
                    .isNotEmpty();
            Files.delete(file);
        }
        Files.delete(planted);
    }

    private static void clean(Sink sink) throws IOException {
        assertThat(CanaryScene.scan().search(sink.searched())).as(sink.name()).isEmpty();
    }

    /// No more requests with a value than disclosures that the log has for values of that type; none at all of what the
    /// policy never lets go.
    private static void allowed(Sink sink, List<Hit> hits, Paper paper, List<CallId> calls) {
        var entries = calls.stream()
                .flatMap(call -> paper.entries(call, "disclosure.allowed").stream())
                .filter(entry -> sink.purpose().equals(entry.details().get("purpose")))
                .toList();
        assertThat(entries).as(sink.name()).isNotEmpty();
        for (Canary canary : CanaryScene.CANARIES) {
            long requests = hits.stream()
                    .filter(hit -> CanaryScene.isOf(canary, hit.canary()))
                    .map(Hit::file)
                    .distinct()
                    .count();
            long disclosed =
                    entries.stream().filter(entry -> isAbout(canary, entry)).count();
            assertThat(requests)
                    .as("%s at %s, disclosed %d times", canary.name(), sink.name(), disclosed)
                    .isLessThanOrEqualTo(disclosed);
        }
    }

    /// Whether an entry says that values of that type were let go: kept as they stood, or brought back from tokens.
    private static boolean isAbout(Canary canary, Paper.Entry entry) {
        return canary.restorable()
                && (entry.details().getOrDefault("counts", "").contains(canary.type() + ":keep=")
                        || !entry.details().getOrDefault("restored", "0").equals("0"));
    }
}
