package dev.sotto.notify;

import static java.nio.charset.StandardCharsets.US_ASCII;

import dev.sotto.core.EgressDoor.Verdict;
import dev.sotto.core.SensitiveText;
import dev.sotto.core.TrustAnchors;
import dev.sotto.store.ClaimedDelivery;
import jakarta.mail.AuthenticationFailedException;
import jakarta.mail.Message;
import jakarta.mail.MessagingException;
import jakarta.mail.Session;
import jakarta.mail.Transport;
import jakarta.mail.internet.InternetAddress;
import jakarta.mail.internet.MimeMessage;
import java.net.ConnectException;
import java.net.SocketTimeoutException;
import java.net.UnknownHostException;
import java.time.Duration;
import java.time.Instant;
import java.util.Date;
import java.util.List;
import java.util.Properties;
import java.util.stream.Stream;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLException;
import org.eclipse.angus.mail.smtp.SMTPAddressFailedException;
import org.eclipse.angus.mail.smtp.SMTPSendFailedException;
import org.eclipse.angus.mail.smtp.SMTPSenderFailedException;
import org.eclipse.angus.mail.util.MailConnectException;
import org.jspecify.annotations.Nullable;

/// Hands mail to a server over SMTP, one connection a mail. The same notice has the same `Message-ID` each time, so
/// that a second copy can be told.
final class MailSender implements Sender {
    private static final String TIMEOUT = Long.toString(Duration.ofSeconds(10).toMillis());
    private static final int DEPTH = 8;

    private final Channel.Mail channel;
    private final Session session;

    MailSender(Channel.Mail channel) {
        this.channel = channel;
        this.session = Session.getInstance(properties(channel, TrustAnchors.context(channel.trustAnchors())));
    }

    private static Properties properties(Channel.Mail channel, SSLContext tls) {
        var properties = new Properties();
        String smtp = "mail.smtp.";
        properties.put("mail.transport.protocol", "smtp");
        properties.put(smtp + "host", channel.host());
        properties.put(smtp + "port", Integer.toString(channel.port()));
        properties.put(smtp + "from", channel.from());
        properties.put(smtp + "localhost", domain(channel));
        properties.put(smtp + "auth", Boolean.toString(channel.login().isPresent()));
        properties.put(smtp + "auth.mechanisms", "PLAIN LOGIN");
        properties.put(smtp + "sasl.authorizationid", ""); // RFC 4616: whoever logs in acts for themselves
        properties.put(smtp + "connectiontimeout", TIMEOUT);
        properties.put(smtp + "timeout", TIMEOUT);
        properties.put(smtp + "writetimeout", TIMEOUT);
        properties.put(smtp + "quitwait", "false"); // the mail was taken before: a slow goodbye is no failure
        properties.put(smtp + "ssl.socketFactory", tls.getSocketFactory());
        properties.put(smtp + "ssl.checkserveridentity", "true");
        properties.put(smtp + "ssl.protocols", "TLSv1.3 TLSv1.2");
        switch (channel.tls()) {
            case STARTTLS -> {
                properties.put(smtp + "starttls.enable", "true");
                properties.put(smtp + "starttls.required", "true");
            }
            case IMPLICIT -> properties.put(smtp + "ssl.enable", "true");
            case INSECURE_NONE -> properties.put(smtp + "starttls.enable", "false");
        }
        return properties;
    }

    private static String domain(Channel.Mail channel) {
        return channel.from().substring(channel.from().indexOf('@') + 1);
    }

    @Override
    public List<SensitiveText> pieces(ClaimedDelivery delivery) {
        var text = MailText.of(delivery);
        return List.of(SensitiveText.of(text.subject()), SensitiveText.of(text.body()));
    }

    @Override
    public Outcome send(ClaimedDelivery delivery, Verdict.Allowed allowed, Instant now) {
        try (Transport transport = session.getTransport()) {
            var message = message(delivery, allowed.pieces(), now);
            connect(transport);
            transport.sendMessage(message, message.getAllRecipients());
            return new Outcome.Taken();
        } catch (MessagingException failure) {
            return failed(failure);
        }
    }

    private void connect(Transport transport) throws MessagingException {
        if (channel.login().isPresent()) {
            var login = channel.login().get();
            transport.connect(login.user(), login.password().reveal());
        } else {
            transport.connect();
        }
    }

    private MimeMessage message(ClaimedDelivery delivery, List<SensitiveText> pieces, Instant now)
            throws MessagingException {
        var message =
                new Fixed(session, "<%s.%s@%s>".formatted(delivery.notice(), delivery.endpoint(), domain(channel)));
        message.setFrom(new InternetAddress(channel.from()));
        for (String to : channel.to()) {
            message.addRecipient(Message.RecipientType.TO, new InternetAddress(to));
        }
        message.setSubject(pieces.getFirst().reveal(), US_ASCII.name());
        message.setText(pieces.getLast().reveal(), US_ASCII.name());
        message.setSentDate(Date.from(now));
        message.setHeader("Auto-Submitted", "auto-generated"); // RFC 3834: nobody's holiday notice answers it
        message.saveChanges();
        return message;
    }

    /// Keeps the id it is given.
    private static final class Fixed extends MimeMessage {
        private final String id;

        Fixed(Session session, String id) {
            super(session);
            this.id = id;
        }

        @Override
        protected void updateMessageID() throws MessagingException {
            setHeader("Message-ID", id);
        }
    }

    /// What a failure means, from the chain of causes; the message of the other side is not kept.
    static Outcome.Failed failed(MessagingException failure) {
        return causes(failure)
                .map(MailSender::known)
                .filter(found -> found != null)
                .findFirst()
                .orElseGet(() ->
                        new Outcome.Failed(isAboutTls(failure) ? NotifyError.TLS_FAILED : NotifyError.CONNECTION_LOST));
    }

    private static Outcome.@Nullable Failed known(Throwable cause) {
        return switch (cause) {
            case AuthenticationFailedException _ -> new Outcome.Failed(NotifyError.LOGIN_REFUSED);
            case SMTPAddressFailedException refused ->
                new Outcome.Failed(NotifyError.NOT_TAKEN, refused.getReturnCode());
            case SMTPSenderFailedException refused ->
                new Outcome.Failed(NotifyError.NOT_TAKEN, refused.getReturnCode());
            case SMTPSendFailedException refused
            when refused.getReturnCode() > 0 -> new Outcome.Failed(NotifyError.NOT_TAKEN, refused.getReturnCode());
            case SSLException _ -> new Outcome.Failed(NotifyError.TLS_FAILED);
            case SocketTimeoutException _ -> new Outcome.Failed(NotifyError.TIMED_OUT);
            case ConnectException _, UnknownHostException _ -> new Outcome.Failed(NotifyError.CONNECT_FAILED);
            default -> null;
        };
    }

    private static Stream<Throwable> causes(MessagingException failure) {
        return Stream.<Throwable>iterate(failure, cause -> cause != null, MailSender::next)
                .limit(DEPTH);
    }

    private static @Nullable Throwable next(Throwable cause) {
        if (cause instanceof MailConnectException connect) {
            return connect.getCause();
        }
        return cause instanceof MessagingException chained && chained.getNextException() != null
                ? chained.getNextException()
                : cause.getCause();
    }

    /// A server without STARTTLS is told by the library's own words only.
    private static boolean isAboutTls(MessagingException failure) {
        String words = failure.getMessage();
        return words != null && words.contains("STARTTLS");
    }
}
