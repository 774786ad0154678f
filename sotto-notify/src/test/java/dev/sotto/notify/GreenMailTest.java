package dev.sotto.notify;

import static org.assertj.core.api.Assertions.assertThat;

import com.icegreen.greenmail.util.GreenMail;
import com.icegreen.greenmail.util.ServerSetup;
import dev.sotto.core.DataClass;
import dev.sotto.core.Disclosure;
import dev.sotto.core.EgressDoor.Verdict;
import dev.sotto.core.SensitiveText;
import dev.sotto.store.ClaimedDelivery;
import dev.sotto.testkit.FakeEgressDoor;
import jakarta.mail.internet.MimeMessage;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/// Our mail at a server that we did not write.
final class GreenMailTest {
    private static final String LOOPBACK = "127.0.0.1";

    private static Outcome send(Channel.Mail channel, ClaimedDelivery told) {
        var door = new FakeEgressDoor();
        door.open();
        var sender = new MailSender(channel);
        var allowed = (Verdict.Allowed) door.decide(new Disclosure(
                told.tenant(), told.call(), "mail", DataClass.CALL_METADATA, "alert", sender.pieces(told)));
        return sender.send(told, allowed, Instant.parse("2026-11-27T10:00:00Z"));
    }

    private static Channel.Mail channel(int port, Channel.Mail.Tls tls, Optional<Channel.Mail.Login> login) {
        return new Channel.Mail(
                LOOPBACK, port, tls, login, "sotto@clinic.example", List.of("dpo@clinic.example"), Optional.empty());
    }

    @Test
    void mail_isReadAsItWasMeant() throws Exception {
        var greenMail = new GreenMail(new ServerSetup(0, LOOPBACK, ServerSetup.PROTOCOL_SMTP));
        greenMail.start();
        try {
            var told = Told.denied();

            assertThat(send(
                            channel(greenMail.getSmtp().getPort(), Channel.Mail.Tls.INSECURE_NONE, Optional.empty()),
                            told))
                    .isInstanceOf(Outcome.Taken.class);

            MimeMessage[] received = greenMail.getReceivedMessages();
            assertThat(received).hasSize(1);
            assertThat(received[0].getSubject()).isEqualTo("Sotto: a disclosure was denied (3 times)");
            assertThat(received[0].getFrom()).extracting(Object::toString).containsExactly("sotto@clinic.example");
            assertThat(received[0].getAllRecipients())
                    .extracting(Object::toString)
                    .containsExactly("dpo@clinic.example");
            assertThat(received[0].getMessageID()).isEqualTo("<%s.alert.mail@clinic.example>".formatted(told.notice()));
            assertThat(received[0].getSentDate().toInstant()).isEqualTo(Instant.parse("2026-11-27T10:00:00Z"));
            assertThat(received[0].getContentType()).startsWithIgnoringCase("text/plain");
            assertThat(received[0].getContent().toString())
                    .contains("rule: agreement-not-active")
                    .contains("call: " + told.call().orElseThrow());
        } finally {
            greenMail.stop();
        }
    }

    @Test
    void serverWithACertificateThatNobodySigned_getsNoMail() {
        var greenMail = new GreenMail(new ServerSetup(0, LOOPBACK, ServerSetup.PROTOCOL_SMTPS));
        greenMail.start();
        try {
            var login = new Channel.Mail.Login("dpo@clinic.example", SensitiveText.of("a password"));

            assertThat(send(
                            channel(greenMail.getSmtps().getPort(), Channel.Mail.Tls.IMPLICIT, Optional.of(login)),
                            Told.denied()))
                    .isEqualTo(new Outcome.Failed(NotifyError.TLS_FAILED));
            assertThat(greenMail.getReceivedMessages()).isEmpty();
        } finally {
            greenMail.stop();
        }
    }
}
