package dev.sotto.server.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.sotto.core.RejectedException;
import dev.sotto.keys.KeyLifeConfig;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.ZoneId;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

class NodeConfigTest {
    @Test
    void defaults_areTheSecureChoice() {
        var config = NodeConfig.defaults();

        assertThat(config.server())
                .isEqualTo(new NodeConfig.Listener("127.0.0.1", 8443, Optional.empty(), Optional.empty()));
        assertThat(config.media())
                .isEqualTo(new NodeConfig.Listener("127.0.0.1", 8444, Optional.empty(), Optional.empty()));
        assertThat(config.sessions()).isEqualTo(new NodeConfig.Sessions(Duration.ofMinutes(30), Duration.ofHours(12)));
        assertThat(config.logLevel()).isEqualTo(NodeConfig.LogLevel.INFO);
        assertThat(config.keys())
                .isEqualTo(new KeysConfig(Optional.empty(), KeyLifeConfig.defaults(), KmsConfig.local()));
        assertThat(config.audit()).isEqualTo(new NodeConfig.Audit(Duration.ofSeconds(1), Optional.empty()));
        assertThat(config.calls()).isEqualTo(new NodeConfig.Calls(200, Duration.ofMillis(160)));
        assertThat(config.twilio()).isEmpty();
        assertThat(config.tenant()).isEmpty();
    }

    @Test
    void read_withEveryKey_setsEachValue() {
        var config = NodeConfig.read("test", """
                # a comment
                server.address = 0.0.0.0
                server.port = 443
                server.public-url = https://sotto.example.org
                server.certificate = /etc/sotto/server.pem
                server.private-key = /etc/sotto/server.key
                server.session-idle = 10m
                server.session-lifetime = 8h
                server.log-level = debug
                media.address = 10.0.0.7
                media.port = 8444
                media.public-url = https://voice.example.org
                media.certificate = /etc/sotto/media.pem
                media.private-key = /etc/sotto/media.key
                media.max-calls = 50
                media.lead = 120ms
                keys.keystore = /var/lib/sotto-keys/kms.p12
                keys.class-rotation = 30d
                keys.class-uses = 5000
                keys.class-gibibytes = 2
                keys.tenant-rotation = 100d
                keys.destruction-wait = 14d
                keys.copy-life = 60d
                audit.checkpoint-interval = 500ms
                audit.checkpoint-directory = /mnt/elsewhere
                twilio.account-sid = AC0123456789abcdef0123456789abcdef
                twilio.auth-token = secret://twilio-token
                tenant.name = Hill Street Practice
                tenant.zone = Europe/Berlin
                tenant.inbound-number = +15550100123
                tenant.transfer-number = +15550100124
                tenant.recording = on
                """);

        assertThat(config.server())
                .isEqualTo(new NodeConfig.Listener(
                        "0.0.0.0",
                        443,
                        Optional.of(URI.create("https://sotto.example.org")),
                        Optional.of(new NodeConfig.CertificateFiles(
                                Path.of("/etc/sotto/server.pem"), Path.of("/etc/sotto/server.key")))));
        assertThat(config.media().certificate()).isPresent();
        assertThat(config.media().publicUrl()).contains(URI.create("https://voice.example.org"));
        assertThat(config.sessions()).isEqualTo(new NodeConfig.Sessions(Duration.ofMinutes(10), Duration.ofHours(8)));
        assertThat(config.logLevel()).isEqualTo(NodeConfig.LogLevel.DEBUG);
        assertThat(config.keys().keystore()).contains(Path.of("/var/lib/sotto-keys/kms.p12"));
        assertThat(config.keys().life())
                .isEqualTo(new KeyLifeConfig(
                        Duration.ofDays(30),
                        5_000,
                        2L << 30,
                        Duration.ofDays(100),
                        Duration.ofDays(14),
                        Duration.ofDays(60),
                        Duration.ofSeconds(5)));
        assertThat(config.audit())
                .isEqualTo(new NodeConfig.Audit(Duration.ofMillis(500), Optional.of(Path.of("/mnt/elsewhere"))));
        assertThat(config.calls()).isEqualTo(new NodeConfig.Calls(50, Duration.ofMillis(120)));
        assertThat(config.twilio())
                .contains(new NodeConfig.TwilioAccount("AC0123456789abcdef0123456789abcdef", "twilio-token"));
        assertThat(config.tenant())
                .contains(new NodeConfig.FirstBusiness(
                        "Hill Street Practice",
                        ZoneId.of("Europe/Berlin"),
                        true,
                        Optional.of("+15550100124"),
                        "+15550100123"));
    }

    @Test
    void read_withProblems_tellsAllOfThemTogether() {
        assertThatExceptionOfType(RejectedException.class)
                .isThrownBy(() -> NodeConfig.read("sotto.conf", """
                        server.port = 99999
                        server.sesion-idle = 10m
                        media.lead = 2h
                        media.lead = 120ms
                        server.public-url = http://sotto.example.org
                        twilio.auth-token = 0123456789abcdef
                        nonsense
                        """))
                .withMessageContaining("sotto.conf has 7 problems")
                .withMessageContaining("server.port (99999) must be a number from 0 to 65535")
                .withMessageContaining("server.sesion-idle is not a known key")
                .withMessageContaining("media.lead (2h) must be a duration from 100ms to 200ms, such as 160ms")
                .withMessageContaining("media.lead is given twice, again in line 4")
                .withMessageContaining("server.public-url (http://sotto.example.org) must be an https address")
                .withMessageContaining("twilio.auth-token ([REDACTED]) must refer to a secret")
                .withMessageContaining("line 7 must be: key = value")
                .withMessageContaining("\nhint: ");
    }

    @Test
    void read_secretInClear_isNotRepeated() {
        assertThatExceptionOfType(RejectedException.class)
                .isThrownBy(() -> NodeConfig.read("test", "twilio.auth-token = 0123456789abcdef"))
                .withMessageNotContaining("0123456789abcdef");
    }

    @Test
    void read_removedKey_namesItsSuccessor() {
        var reader = ConfigReader.parse("test", "old.key = 1", Map.of("old.key", "new.key"));

        assertThatExceptionOfType(RejectedException.class)
                .isThrownBy(reader::finish)
                .withMessageContaining("old.key was removed: use new.key");
    }

    @Test
    void load_missingFile_isRefusedByName() {
        assertThatExceptionOfType(RejectedException.class)
                .isThrownBy(() -> NodeConfig.load(Path.of("/nowhere/sotto.conf")))
                .withMessageContaining("/nowhere/sotto.conf");
    }

    @Test
    void withPort_movesBothListeners() {
        var config = NodeConfig.defaults().withPort(9000);

        assertThat(config.server().port()).isEqualTo(9000);
        assertThat(config.media().port()).isEqualTo(9001);
        assertThat(NodeConfig.defaults().withPort(0).media().port()).isZero();
    }

    @Test
    void reference_listsExactlyTheKeysThereAre() throws IOException {
        var reader = ConfigReader.parse("test", "", Map.of());
        NodeConfig.read(reader);

        Set<String> listed = new TreeSet<>();
        Matcher matcher = Pattern.compile("^\\| `([a-z0-9.-]+)` \\|", Pattern.MULTILINE)
                .matcher(Files.readString(Path.of("../docs/reference/config.md")));
        while (matcher.find()) {
            listed.add(matcher.group(1));
        }

        assertThat(listed).isEqualTo(new TreeSet<>(reader.keys()));
    }
}
