package dev.sotto.server;

import dev.sotto.server.node.DataDirectory;
import dev.sotto.server.node.DemoTenant;
import dev.sotto.server.node.Foundation;
import dev.sotto.server.up.RunningNode;
import dev.sotto.store.Recovered;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Locale;
import java.util.Optional;

/// What `sotto up` says once the node is ready.
final class StartReport {
    private static final String KEYPAD = "./sotto call --wav samples/appointment.wav --dtmf '19840512#4417#'";
    private static final String TALK = "./sotto call --wav samples/conversation.wav --by-turns";

    private final PrintWriter out;

    StartReport(PrintWriter out) {
        this.out = out;
    }

    void print(RunningNode node, Duration took) {
        Foundation foundation = node.foundation();
        out.printf("sotto %s is ready after %.1f s%n%n", VersionCommand.version(), took.toMillis() / 1000.0);
        line("dashboard", node.dashboard().toString());
        node.setupLink()
                .ifPresentOrElse(
                        link -> {
                            line("set up", link.address().toString());
                            line("", "makes the first administrator; works once, for 15 minutes");
                        },
                        () -> line(
                                "sign in", node.dashboard().resolve("/sign-in").toString()));
        line(
                "media",
                "%s  (Twilio's voice webhook: %s)"
                        .formatted(
                                node.core().mediaUrl(), node.core().mediaUrl().resolve("/twilio/voice")));
        if (node.core().chats()) {
            line("chat", node.core().mediaUrl().resolve("/chat").toString());
        }
        line("authority", "SHA-256 " + foundation.authority().fingerprint());
        line("", home(foundation.state().authorityCertificate()));
        line("data", home(foundation.data().root()));
        line("state", home(foundation.state().root()));
        recovered(node);
        if (node.core().services().store().tenants().all().isEmpty()) {
            line("business", "none yet: set tenant.name and tenant.inbound-number, then start again");
        }
        node.core().demo().ifPresent(demo -> demo(demo, node));
        out.println();
        out.println("ctrl-c stops it");
        out.flush();
    }

    private void recovered(RunningNode node) {
        for (Recovered found : node.core().recovered()) {
            line(
                    "recovered",
                    "call %s, %s, %d whole chunks"
                            .formatted(
                                    found.call(), found.state().name().toLowerCase(Locale.ROOT), found.wholeChunks()));
        }
    }

    private void demo(DemoTenant demo, RunningNode node) {
        out.println();
        line("demo", "%s, %s, Twilio account %s".formatted(demo.name(), demo.inboundNumber(), demo.accountSid()));
        line("insecure", "its passphrase and Twilio token are kept in the state folder, in clear");
        if (node.simulated()) {
            line(
                    "simulator",
                    "a script inside this process plays transcriber, model and voice: it hears what is written");
        }
        line("try", (node.simulated() ? TALK : KEYPAD) + data(node.foundation()));
    }

    private static String data(Foundation foundation) {
        Path standard = DataDirectory.standard().root();
        Path used = foundation.data().root();
        return used.equals(standard) ? "" : " --data " + home(used);
    }

    private void line(String name, String text) {
        out.printf("  %-10s %s%n", name, text);
    }

    private static String home(Path path) {
        String home = System.getProperty("user.home");
        return Optional.of(path.toString())
                .filter(text -> text.startsWith(home + "/"))
                .map(text -> "~" + text.substring(home.length()))
                .orElse(path.toString());
    }
}
