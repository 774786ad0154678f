package dev.sotto.server.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.sotto.core.RejectedException;
import dev.sotto.notify.Channel;
import dev.sotto.store.NoticeType;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

class NotifyConfigTest {
    private static final String RULES = """
            guard.policy = /etc/sotto/policy.yaml
            guard.register = /etc/sotto/register.yaml
            """;

    private static NotifyConfig read(String text) {
        return NodeConfig.read("test", text).notices();
    }

    @Test
    void defaults_tellNobody() {
        NotifyConfig config = NodeConfig.defaults().notices();

        assertThat(config.tellsSomebody()).isFalse();
        assertThat(config.window()).isEqualTo(Duration.ofMinutes(5));
        assertThat(config.retryAfter()).isEqualTo(Duration.ofSeconds(5));
        assertThat(config.giveUpAfter()).isEqualTo(Duration.ofDays(3));
    }

    @Test
    void everyKey_setsItsValue() {
        NotifyConfig config = read(RULES + """
                alert.window = 1m
                notify.retry-after = 1s
                notify.give-up-after = 1d
                alert.mail.server = smtp.clinic.example:2525
                alert.mail.tls = implicit
                alert.mail.user = sotto
                alert.mail.password = secret://smtp-password
                alert.mail.from = sotto@clinic.example
                alert.mail.to = dpo@clinic.example, privacy@clinic.example
                alert.mail.destination = clinic-mail
                alert.mail.trust-anchors = /etc/sotto/mail.pem
                alert.webhook.url = https://siem.example.org/in
                alert.webhook.secret = secret://siem
                alert.webhook.destination = siem
                webhook.crm.url = https://crm.example.org/hooks?tenant=7
                webhook.crm.secret = secret://crm-2
                webhook.crm.previous-secret = secret://crm-1
                webhook.crm.events = call.completed, message.taken
                webhook.crm.destination = crm
                webhook.crm.trust-anchors = /etc/sotto/crm.pem
                """);

        assertThat(config.window()).isEqualTo(Duration.ofMinutes(1));
        assertThat(config.retryAfter()).isEqualTo(Duration.ofSeconds(1));
        assertThat(config.giveUpAfter()).isEqualTo(Duration.ofDays(1));
        assertThat(config.mail())
                .contains(new NotifyConfig.Mail(
                        "smtp.clinic.example",
                        2525,
                        Channel.Mail.Tls.IMPLICIT,
                        Optional.of("sotto"),
                        Optional.of("smtp-password"),
                        "sotto@clinic.example",
                        List.of("dpo@clinic.example", "privacy@clinic.example"),
                        "clinic-mail",
                        Optional.of(Path.of("/etc/sotto/mail.pem"))));
        assertThat(config.hooks())
                .containsExactly(
                        new NotifyConfig.Hook(
                                "alert.webhook",
                                URI.create("https://siem.example.org/in"),
                                List.of("siem"),
                                Set.of(
                                        NoticeType.DISCLOSURE_DENIED,
                                        NoticeType.IDENTITY_LOCKED,
                                        NoticeType.KEY_ANOMALY),
                                "siem",
                                Optional.empty()),
                        new NotifyConfig.Hook(
                                "webhook.crm",
                                URI.create("https://crm.example.org/hooks?tenant=7"),
                                List.of("crm-2", "crm-1"),
                                Set.of(NoticeType.CALL_COMPLETED, NoticeType.MESSAGE_TAKEN),
                                "crm",
                                Optional.of(Path.of("/etc/sotto/crm.pem"))));
    }

    @Test
    void mailServer_hasTheUsualPortOfItsProtection() {
        String mail = RULES + """
                alert.mail.server = smtp.clinic.example
                alert.mail.from = sotto@clinic.example
                alert.mail.to = dpo@clinic.example
                alert.mail.destination = clinic-mail
                alert.mail.tls =\s""";

        assertThat(read(mail + "starttls").mail().orElseThrow().port()).isEqualTo(587);
        assertThat(read(mail + "implicit").mail().orElseThrow().port()).isEqualTo(465);
        assertThat(read(mail + "insecure-none").mail().orElseThrow().port()).isEqualTo(25);
    }

    @Test
    void problems_areToldTogether_andNameTheirKeys() {
        assertThatExceptionOfType(RejectedException.class)
                .isThrownBy(() -> read("""
                        alert.mail.server = smtp.clinic.example/path
                        alert.mail.tls = insecure-none
                        alert.mail.password = secret://smtp-password
                        alert.mail.from = Sotto <sotto@clinic.example>
                        alert.mail.to = dpo@clinic.example,
                        alert.mail.destination = clinic-mail
                        alert.webhook.secret = whsec_c2VjcmV0
                        webhook.crm.url = http://crm.example.org/token-of-the-receiver
                        webhook.crm.secret = secret://crm
                        webhook.crm.events = call.started
                        webhook.crm.destination = crm
                        webhook.billing.url = https://billing.example.org
                        webhook.billing.colour = blue
                        """))
                .withMessageContaining("alert.mail.server must be a host")
                .withMessageContaining("alert.mail.user and alert.mail.password must be given together")
                .withMessageContaining("alert.mail.password is never sent in clear")
                .withMessageContaining("alert.mail.from must be a mail address")
                .withMessageContaining("alert.mail.to must be 1 to 10 mail addresses")
                .withMessageContaining("alert.webhook.secret ([REDACTED]) must refer to a secret")
                .withMessageContaining("webhook.crm.url must be an https address")
                .withMessageContaining("webhook.crm.events must be some of call.completed")
                .withMessageContaining("webhook.billing.url, webhook.billing.secret and webhook.billing.destination")
                .withMessageContaining("webhook.billing.events must be some of")
                .withMessageContaining("webhook.billing.colour is not a known key")
                .withMessageNotContaining("token-of-the-receiver")
                .withMessageNotContaining("c2VjcmV0");
    }

    @Test
    void shippedRules_areNotEnough() {
        assertThatExceptionOfType(RejectedException.class)
                .isThrownBy(() -> read("""
                        alert.webhook.url = https://siem.example.org/in
                        alert.webhook.secret = secret://siem
                        alert.webhook.destination = siem
                        """))
                .withMessageContaining("need guard.policy and guard.register");
    }
}
