package dev.sotto.server.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.sotto.core.RejectedException;
import dev.sotto.model.RealtimeSettings;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class ModelConfigTest {
    private static final String NEEDED = """
            model.mode = strict
            model.base-url = https://models.example.org/v1
            model.destination = example
            model.chat = small-chat
            model.transcription = listens
            model.speech = speaks
            guard.policy = /etc/sotto/policy.yaml
            guard.register = /etc/sotto/register.yaml
            """;

    private static Optional<ModelConfig> read(String text) {
        return NodeConfig.read("test", text).models();
    }

    @Test
    void models_notConfigured_areNone() {
        assertThat(read("")).isEmpty();
        assertThat(read(NEEDED.replace("= strict", "= receptionist"))).isEmpty();
        assertThat(read(NEEDED.replace("model.mode = strict\n", ""))).isEmpty();
    }

    @Test
    void models_withWhatIsNeeded_haveTheSecureDefaults() {
        assertThat(read(NEEDED))
                .contains(new ModelConfig(
                        URI.create("https://models.example.org/v1"),
                        Optional.empty(),
                        false,
                        "example",
                        "small-chat",
                        "listens",
                        "speaks",
                        "alloy",
                        "en",
                        Duration.ofSeconds(2),
                        Optional.empty(),
                        false,
                        Optional.of(Path.of("/etc/sotto/policy.yaml")),
                        Optional.of(Path.of("/etc/sotto/register.yaml")),
                        Optional.empty()));
    }

    @Test
    void models_withEveryKey_haveEachValue() {
        assertThat(read(NEEDED + """
                        model.key = secret://model-key
                        model.key-header = api-key
                        model.voice = verse
                        model.language = de
                        model.patience = 750ms
                        model.trust-anchors = /etc/sotto/provider.pem
                        """))
                .contains(new ModelConfig(
                        URI.create("https://models.example.org/v1"),
                        Optional.of("model-key"),
                        true,
                        "example",
                        "small-chat",
                        "listens",
                        "speaks",
                        "verse",
                        "de",
                        Duration.ofMillis(750),
                        Optional.of(Path.of("/etc/sotto/provider.pem")),
                        false,
                        Optional.of(Path.of("/etc/sotto/policy.yaml")),
                        Optional.of(Path.of("/etc/sotto/register.yaml")),
                        Optional.empty()));
    }

    @Test
    void plainHttpToThisMachine_isTakenWithoutAKeyOnly() {
        String local = NEEDED.replace("https://models.example.org/v1", "http://127.0.0.1:11434/v1")
                + "model.insecure-loopback = on\n";

        assertThat(read(local).orElseThrow().insecureLoopback()).isTrue();
        assertThatExceptionOfType(RejectedException.class)
                .isThrownBy(() -> read(local + "model.key = secret://model-key\n"))
                .withMessageContaining("model.key is never sent over plain http");
        assertThatExceptionOfType(RejectedException.class)
                .isThrownBy(() -> read(NEEDED + "model.insecure-loopback = on\n"))
                .withMessageContaining("model.insecure-loopback is for a model.base-url that begins with http");
    }

    @Test
    void models_withProblems_tellAllOfThemTogether() {
        assertThatExceptionOfType(RejectedException.class)
                .isThrownBy(() -> read("""
                        model.mode = strict
                        model.base-url = ftp://models.example.org
                        model.key = sk-in-clear
                        model.key-header = cookie
                        model.patience = 1m
                        model.insecure-loopback = yes
                        guard.register = /etc/sotto/register.yaml
                        model.temperature = 1
                        """))
                .withMessageContaining("test has 9 problems")
                .withMessageContaining("model.base-url (ftp://models.example.org) must be an address")
                .withMessageContaining("model.key ([REDACTED]) must refer to a secret")
                .withMessageContaining("model.key-header (cookie)")
                .withMessageContaining("model.patience (1m)")
                .withMessageContaining("model.insecure-loopback (yes)")
                .withMessageContaining("guard.policy and guard.register must be given together")
                .withMessageContaining("model.mode (strict) needs guard.policy and guard.register")
                .withMessageContaining("model.mode (strict) needs model.base-url, model.destination, model.chat,")
                .withMessageContaining("model.temperature is not a known key")
                .withMessageNotContaining("sk-in-clear");
    }

    @Test
    void mode_thatIsUnknown_isRefused() {
        assertThatExceptionOfType(RejectedException.class)
                .isThrownBy(() -> read(NEEDED.replace("= strict", "= careless")))
                .withMessageContaining("model.mode (careless)");
    }

    @Test
    void open_isRefusedForHealthcare() {
        assertThatExceptionOfType(RejectedException.class)
                .isThrownBy(() -> read(NEEDED.replace("= strict", "= open")))
                .withMessageContaining("model.mode (open) is refused for healthcare");
    }

    private static final String GATED = NEEDED.replace("= strict", "= gated")
                    .replace("model.chat = small-chat\n", "")
                    .replace("model.speech = speaks\n", "")
            + "model.realtime = talks\n";

    @Test
    void gated_withWhatIsNeeded_hasTheSecureDefaults() {
        var config = read(GATED).orElseThrow();

        assertThat(config.realtime())
                .contains(new RealtimeConfig(
                        "talks", RealtimeSettings.Dialect.GA, RealtimeSettings.Format.PCMU, Duration.ofSeconds(3)));
        assertThat(config.chat()).isEmpty();
        assertThat(config.speech()).isEmpty();
    }

    @Test
    void gated_withEveryKey_hasEachValue() {
        assertThat(read(GATED + """
                        model.realtime-dialect = beta
                        model.realtime-audio = pcm24k
                        model.hold = 1500ms
                        """).orElseThrow().realtime())
                .contains(new RealtimeConfig(
                        "talks",
                        RealtimeSettings.Dialect.BETA,
                        RealtimeSettings.Format.PCM_24K,
                        Duration.ofMillis(1_500)));
    }

    @Test
    void gated_withoutOneOfWhatIsNeeded_isRefused() {
        for (String key : List.of(
                "model.base-url",
                "model.destination",
                "model.realtime",
                "model.transcription",
                "guard.policy",
                "guard.register")) {
            assertThatExceptionOfType(RejectedException.class)
                    .as(key)
                    .isThrownBy(() -> read(GATED.replaceFirst("(?m)^" + key + " = .*\n", "")))
                    .withMessageContaining(key);
        }
        assertThatExceptionOfType(RejectedException.class)
                .isThrownBy(
                        () -> read(GATED + "model.hold = 1m\nmodel.realtime-audio = mp3\nmodel.realtime-dialect = x\n"))
                .withMessageContaining("test has 3 problems");
    }

    @Test
    void strict_withoutOneOfWhatIsNeeded_isRefused() {
        for (String key : List.of(
                "model.base-url",
                "model.destination",
                "model.chat",
                "model.transcription",
                "model.speech",
                "guard.policy",
                "guard.register")) {
            String without = NEEDED.replaceFirst("(?m)^" + key + " = .*\n", "");
            assertThat(without).doesNotContain(key);

            assertThatExceptionOfType(RejectedException.class)
                    .as(key)
                    .isThrownBy(() -> read(without))
                    .withMessageContaining(key);
        }
    }

    @Test
    void rules_withOnlyOneFile_areRefusedWithoutAModelToo() {
        assertThatExceptionOfType(RejectedException.class)
                .isThrownBy(() -> read("guard.policy = /etc/sotto/policy.yaml"))
                .withMessageContaining("guard.policy and guard.register must be given together");
    }

    @Test
    void baseUrl_thatHoldsAKeyOrAFragment_isRefused() {
        for (String url : List.of("https://user:key@models.example.org/v1", "https://models.example.org/v1#x")) {
            assertThatExceptionOfType(RejectedException.class)
                    .as(url)
                    .isThrownBy(() -> read(NEEDED.replace("https://models.example.org/v1", url)))
                    .withMessageContaining("model.base-url");
        }
    }
}
