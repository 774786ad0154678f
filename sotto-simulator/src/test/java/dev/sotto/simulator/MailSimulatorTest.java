package dev.sotto.simulator;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sotto.core.SensitiveText;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.Socket;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class MailSimulatorTest {
    private static final String PASSWORD = "correct horse";

    private final MailSimulator mail =
            MailSimulator.start(0, TestIdentity.SERVER, new MailSimulator.Login("sotto", SensitiveText.of(PASSWORD)));

    @AfterEach
    void close() {
        mail.close();
    }

    /// Speaks SMTP a line at a time.
    private static final class Sender implements AutoCloseable {
        private Socket socket;
        private BufferedReader in;

        Sender(int port) throws IOException {
            socket = new Socket(InetAddress.getLoopbackAddress(), port);
            socket.setSoTimeout(20_000);
            in = new BufferedReader(new InputStreamReader(socket.getInputStream(), UTF_8));
        }

        String answer() throws IOException {
            var all = new StringBuilder();
            String line;
            do {
                line = in.readLine();
                all.append(line).append('\n');
            } while (line != null && line.length() > 3 && line.charAt(3) == '-');
            return all.toString();
        }

        String say(String line) throws IOException {
            socket.getOutputStream().write((line + "\r\n").getBytes(UTF_8));
            return answer();
        }

        void put(String text) throws IOException {
            socket.getOutputStream().write(text.getBytes(UTF_8));
        }

        void secure(int port) throws IOException {
            SSLSocket tls = (SSLSocket)
                    TestIdentity.trusting().getSocketFactory().createSocket(socket, "127.0.0.1", port, true);
            tls.startHandshake();
            socket = tls;
            in = new BufferedReader(new InputStreamReader(tls.getInputStream(), UTF_8));
        }

        @Override
        public void close() throws IOException {
            socket.close();
        }
    }

    private Sender loggedIn() throws IOException {
        var sender = new Sender(mail.port());
        assertThat(sender.answer()).startsWith("220 ").contains("simulator");
        assertThat(sender.say("EHLO test")).contains("STARTTLS").doesNotContain("AUTH");
        assertThat(sender.say("STARTTLS")).startsWith("220 ");
        sender.secure(mail.port());
        assertThat(sender.say("EHLO test")).contains("AUTH PLAIN").doesNotContain("STARTTLS");
        assertThat(sender.say("AUTH PLAIN " + plain(PASSWORD))).startsWith("235 ");
        return sender;
    }

    private static String plain(String password) {
        return Base64.getEncoder().encodeToString(("\0sotto\0" + password).getBytes(UTF_8));
    }

    private static String send(Sender sender, String content) throws IOException {
        assertThat(sender.say("MAIL FROM:<alerts@clinic.example> SIZE=100")).startsWith("250 ");
        assertThat(sender.say("RCPT TO:<dpo@clinic.example>")).startsWith("250 ");
        assertThat(sender.say("DATA")).startsWith("354 ");
        sender.put(content);
        return sender.say(".");
    }

    @Test
    void message_overTlsWithLogin_isKept() throws Exception {
        try (var sender = loggedIn()) {
            assertThat(send(sender, "Subject: denied\r\n\r\ncall 01 \u00fc\r\n..dot\r\n"))
                    .startsWith("250 ");
            assertThat(sender.say("QUIT")).startsWith("221 ");
        }
        assertThat(mail.await(1, Duration.ofSeconds(10))).isTrue();
        assertThat(mail.messages())
                .containsExactly(new MailSimulator.Message(
                        "alerts@clinic.example",
                        List.of("dpo@clinic.example"),
                        "Subject: denied\r\n\r\ncall 01 \u00fc\r\n.dot\r\n",
                        true));
        assertThat(mail.received().contains("call 01 \u00fc")).isTrue();
    }

    @Test
    void mail_beforeTlsOrLogin_isRefused() throws Exception {
        try (var sender = new Sender(mail.port())) {
            sender.answer();
            assertThat(sender.say("MAIL FROM:<a@b>")).startsWith("503 ");
            sender.say("EHLO test");
            assertThat(sender.say("MAIL FROM:<a@b>")).startsWith("530 ");
            assertThat(sender.say("AUTH PLAIN " + plain(PASSWORD))).startsWith("503 ");
            sender.say("STARTTLS");
            sender.secure(mail.port());
            sender.say("EHLO test");
            assertThat(sender.say("AUTH PLAIN " + plain("wrong"))).startsWith("535 ");
            assertThat(sender.say("AUTH PLAIN")).startsWith("334 ");
            assertThat(sender.say("%%%")).startsWith("501 ");
            assertThat(sender.say("MAIL FROM:<a@b>")).startsWith("530 ");
        }
        assertThat(mail.messages()).isEmpty();
    }

    @Test
    void failNext_refusesForNow() throws Exception {
        mail.failNext(1);
        try (var sender = loggedIn()) {
            assertThat(send(sender, "x\r\n")).startsWith("451 ");
            assertThat(send(sender, "y\r\n")).startsWith("250 ");
        }
        assertThat(mail.messages()).extracting(MailSimulator.Message::content).containsExactly("y\r\n");
    }

    @Test
    void down_takesNothing_up_takesAgain() throws Exception {
        mail.down();
        try (var sender = new Sender(mail.port())) {
            assertThat(sender.answer()).startsWith("null");
        } catch (IOException refused) {
            assertThat(refused).isNotNull();
        }
        mail.up();
        try (var sender = loggedIn()) {
            assertThat(send(sender, "x\r\n")).startsWith("250 ");
        }
    }

    @Test
    void limits_areKept() throws Exception {
        try (var sender = loggedIn()) {
            assertThat(sender.say("RCPT TO:<a@b>")).startsWith("503 ");
            assertThat(sender.say("DATA")).startsWith("503 ");
            assertThat(sender.say("MAIL FROM:a@b")).startsWith("501 ");
            assertThat(sender.say("VRFY x")).startsWith("500 ");
            sender.say("MAIL FROM:<>");
            for (int i = 0; i < MailSimulator.MOST_RECIPIENTS; i++) {
                assertThat(sender.say("RCPT TO:<a@b>")).startsWith("250 ");
            }
            assertThat(sender.say("RCPT TO:<a@b>")).startsWith("452 ");
            assertThat(sender.say("RSET")).startsWith("250 ");
            assertThat(send(sender, ("x".repeat(900) + "\r\n").repeat(1_300))).startsWith("552 ");
            assertThat(send(sender, "small\r\n")).startsWith("250 ");
        }
        assertThat(mail.messages()).hasSize(1);
    }

    @Test
    void tooManyErrors_endTheConnection() throws Exception {
        try (var sender = new Sender(mail.port())) {
            sender.answer();
            for (int i = 0; i < 20; i++) {
                sender.say("NONSENSE");
            }
            assertThat(sender.answer()).startsWith("null");
        }
    }

    @Test
    void plain_withoutTlsAndLogin_forTests() throws Exception {
        try (var plain = MailSimulator.startInsecurePlain(0);
                var sender = new Sender(plain.port())) {
            sender.answer();
            assertThat(sender.say("HELO test")).startsWith("250 ");
            assertThat(send(sender, "x\r\n")).startsWith("250 ");
            assertThat(plain.messages().getFirst().secure()).isFalse();
        }
    }
}
