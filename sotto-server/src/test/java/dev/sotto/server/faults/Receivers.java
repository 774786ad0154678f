package dev.sotto.server.faults;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sotto.core.SensitiveText;
import dev.sotto.simulator.MailSimulator;
import dev.sotto.simulator.ServerIdentity;
import dev.sotto.simulator.WebhookSimulator;
import dev.sotto.testkit.LeakScan;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Base64;
import java.util.List;

/// A mail server and a receiver of webhooks behind TLS, and the configuration that names them.
final class Receivers implements AutoCloseable {
    private static final String PASSWORD = "mail password of this test";
    static final String SECRET = "whsec_" + Base64.getEncoder().encodeToString(new byte[32]);

    private final ServerIdentity identity;
    private final WebhookSimulator hooks;
    private MailSimulator mail;

    private Receivers(ServerIdentity identity) {
        this.identity = identity;
        hooks = WebhookSimulator.start(0, identity);
        mail = mailServer(0);
    }

    static Receivers start() throws Exception {
        return new Receivers(TalkingNode.identity());
    }

    private MailSimulator mailServer(int port) {
        return MailSimulator.start(port, identity, new MailSimulator.Login("sotto", SensitiveText.of(PASSWORD)));
    }

    WebhookSimulator hooks() {
        return hooks;
    }

    MailSimulator mail() {
        return mail;
    }

    /// Ends the mail server; its port stays free until [#restartMail(int)].
    int stopMail() {
        int port = mail.port();
        mail.close();
        return port;
    }

    void restartMail(int port) {
        mail = mailServer(port);
    }

    /// Lines of a configuration for a node at `home`, and the files that they name.
    String configure(Home home) throws Exception {
        Files.createDirectories(
                home.state("secrets"),
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
        secret(home, "smtp-password", PASSWORD);
        secret(home, "hook-secret", SECRET);
        Path anchors = Files.writeString(
                home.folder().resolve("receivers.pem"),
                TalkingNode.pem(identity.chain().getFirst()));
        return """
                notify.retry-after = 200ms
                alert.window = 1s
                alert.mail.server = 127.0.0.1:%d
                alert.mail.user = sotto
                alert.mail.password = secret://smtp-password
                alert.mail.from = sotto@clinic.example
                alert.mail.to = dpo@clinic.example
                alert.mail.destination = demo-mail
                alert.mail.trust-anchors = %s
                alert.webhook.url = %s
                alert.webhook.secret = secret://hook-secret
                alert.webhook.destination = demo-webhook
                alert.webhook.trust-anchors = %s
                webhook.crm.url = %s
                webhook.crm.secret = secret://hook-secret
                webhook.crm.events = call.completed, call.transferred, message.taken
                webhook.crm.destination = demo-webhook
                webhook.crm.trust-anchors = %s
                """.formatted(mail.port(), anchors, hooks.uri("/alerts"), anchors, hooks.uri("/crm"), anchors);
    }

    private static void secret(Home home, String name, String value) throws Exception {
        Path file = home.state("secrets").resolve(name);
        Files.writeString(file, value);
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
    }

    /// The bodies that came to a path.
    List<WebhookSimulator.Delivery> at(String path) {
        return hooks.deliveries().stream()
                .filter(delivery -> delivery.path().equals(path))
                .toList();
    }

    /// What of `scan` is in any byte that came.
    List<LeakScan.Hit> search(LeakScan scan, Path scratch) throws Exception {
        save(scratch.resolve("hooks"), scratch.resolve("mail"));
        return scan.search(scratch);
    }

    /// Puts every byte that came below two folders, as it was sent and as it is read.
    void save(Path toHooks, Path toMail) throws Exception {
        assertThat(hooks.received().complete() && mail.received().complete())
                .as("all that came is here")
                .isTrue();
        hooks.received().saveTo(Files.createDirectories(toHooks));
        List<WebhookSimulator.Delivery> deliveries = hooks.deliveries();
        for (int i = 0; i < deliveries.size(); i++) {
            Files.writeString(
                    toHooks.resolve("delivery-" + i), deliveries.get(i).toString());
        }
        mail.received().saveTo(Files.createDirectories(toMail));
        List<MailSimulator.Message> messages = mail.messages();
        for (int i = 0; i < messages.size(); i++) {
            Files.writeString(toMail.resolve("message-" + i), messages.get(i).content());
        }
    }

    @Override
    public void close() {
        mail.close();
        hooks.close();
    }
}
