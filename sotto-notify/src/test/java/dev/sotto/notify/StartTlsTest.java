package dev.sotto.notify;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.sotto.core.DataClass;
import dev.sotto.core.Disclosure;
import dev.sotto.core.EgressDoor.Verdict;
import dev.sotto.simulator.ServerIdentity;
import dev.sotto.testkit.FakeEgressDoor;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Our mail over STARTTLS (RFC 3207) at a server that we did not write and that takes none without it: aiosmtpd, which
/// keeps what it takes in a folder of the Maildir kind.
final class StartTlsTest {
    private static final String LOOPBACK = "127.0.0.1";
    private static final Path PROGRAM = Path.of("/usr/bin/aiosmtpd");
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    @TempDir
    private Path folder;

    private ServerIdentity identity;
    private Process server;
    private int port;

    @BeforeEach
    void start() throws Exception {
        assumeTrue(
                Files.isExecutable(PROGRAM) && !"missing".equals(System.getProperty("sotto.aiosmtpd")),
                "aiosmtpd is not here: apt-get install --no-install-recommends python3-aiosmtpd");
        identity = TestIdentity.loopback();
        Path key = Files.writeString(
                folder.resolve("key.pem"),
                "-----BEGIN PRIVATE KEY-----\n%s\n-----END PRIVATE KEY-----\n"
                        .formatted(Base64.getMimeEncoder(64, "\n".getBytes(UTF_8))
                                .encodeToString(identity.key().getEncoded())));
        port = freePort();
        server = new ProcessBuilder(
                        PROGRAM.toString(),
                        "--nosetuid",
                        "--listen",
                        LOOPBACK + ":" + port,
                        "--tlscert",
                        TestIdentity.pem(folder.resolve("certificate.pem"), identity)
                                .toString(),
                        "--tlskey",
                        key.toString(),
                        "--class",
                        "aiosmtpd.handlers.Mailbox",
                        folder.resolve("mail").toString())
                .redirectErrorStream(true)
                .redirectOutput(folder.resolve("server.log").toFile())
                .start();
        awaitListening();
    }

    @AfterEach
    void stop() throws InterruptedException {
        if (server != null) {
            server.destroy();
            if (!server.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS)) {
                server.destroyForcibly();
            }
        }
    }

    private static int freePort() throws IOException {
        try (var socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }

    private void awaitListening() throws Exception {
        long end = System.nanoTime() + PATIENCE.toNanos();
        while (true) {
            try (var socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
                assertThat(socket.isConnected()).isTrue();
                return;
            } catch (IOException notYet) {
                assertThat(server.isAlive() && System.nanoTime() < end)
                        .as("aiosmtpd listens: %s", Files.readString(folder.resolve("server.log")))
                        .isTrue();
                Thread.sleep(50);
            }
        }
    }

    private Outcome send(Optional<Path> anchors) {
        var told = Told.denied();
        var door = new FakeEgressDoor();
        door.open();
        var sender = new MailSender(new Channel.Mail(
                LOOPBACK,
                port,
                Channel.Mail.Tls.STARTTLS,
                Optional.empty(),
                "sotto@clinic.example",
                List.of("dpo@clinic.example"),
                anchors));
        var allowed = (Verdict.Allowed) door.decide(new Disclosure(
                told.tenant(), told.call(), "mail", DataClass.CALL_METADATA, "alert", sender.pieces(told)));
        return sender.send(told, allowed, Instant.parse("2026-11-27T10:00:00Z"));
    }

    private List<Path> received() throws IOException {
        try (var files = Files.list(folder.resolve("mail/new"))) {
            return files.toList();
        }
    }

    @Test
    void mail_isTakenUnderTls() throws Exception {
        assertThat(send(Optional.of(folder.resolve("certificate.pem")))).isInstanceOf(Outcome.Taken.class);

        assertThat(received()).hasSize(1);
        assertThat(Files.readString(received().getFirst()))
                .contains("Subject: Sotto: a disclosure was denied (3 times)")
                .contains("X-RcptTo: dpo@clinic.example")
                .contains("rule: agreement-not-active");
    }

    @Test
    void serverWithACertificateThatNobodySigned_getsNoMail() throws Exception {
        assertThat(send(Optional.empty())).isEqualTo(new Outcome.Failed(NotifyError.TLS_FAILED));

        assertThat(received()).isEmpty();
    }
}
