package dev.sotto.media;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sotto.core.SensitiveText;
import dev.sotto.testkit.Samples;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RelayWireTest {
    private static final String HEX = "0123456789abcdef0123456789abcdef";
    private static final String SETUP = """
            {"type":"setup","sessionId":"VX%1$s","accountSid":"AC%1$s","parentCallSid":"","callSid":"CA%1$s",
             "from":"+15550108888","to":"+15550100100","forwardedFrom":"","callType":"PSTN","callerName":"",
             "direction":"inbound","callStatus":"RINGING","customParameters":{"token":"t","call":"c"}}
            """.formatted(HEX);

    private static Optional<RelayWire.Message> read(String json) {
        return RelayWire.read(json.getBytes(UTF_8));
    }

    @Test
    void documentedMessages_areRead() {
        assertThat(read(SETUP))
                .contains(new RelayWire.Message.Setup(
                        "VX" + HEX,
                        "AC" + HEX,
                        "CA" + HEX,
                        Map.of("token", SensitiveText.of("t"), "call", SensitiveText.of("c"))));
        assertThat(read("{\"type\":\"prompt\",\"voicePrompt\":\"Hi.\",\"lang\":\"en-US\",\"last\":true}"))
                .contains(new RelayWire.Message.Prompt(SensitiveText.of("Hi."), true));
        assertThat(read("{\"type\":\"prompt\",\"voicePrompt\":\"Hi\",\"last\":false}"))
                .contains(new RelayWire.Message.Prompt(SensitiveText.of("Hi"), false));
        assertThat(
                        read(
                                "{\"type\":\"interrupt\",\"utteranceUntilInterrupt\":\"One\",\"durationUntilInterruptMs\":\"460\"}"))
                .contains(new RelayWire.Message.Interrupt(SensitiveText.of("One")));
        assertThat(read("{\"type\":\"dtmf\",\"digit\":\"1\"}")).contains(new RelayWire.Message.Key('1'));
        assertThat(read("{\"type\":\"error\",\"description\":\"no\"}")).contains(new RelayWire.Message.Fault());
        assertThat(read("{\"type\":\"info\"}")).contains(new RelayWire.Message.Other());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "[]",
                "{}",
                "{\"type\":1}",
                "{\"type\":\"setup\"}",
                "{\"type\":\"prompt\"}",
                "{\"type\":\"prompt\",\"voicePrompt\":{}}",
                "{\"type\":\"dtmf\",\"digit\":\"12\"}",
                "{\"type\":\"dtmf\",\"digit\":\"A\"}",
                "{\"type\":\"error\",\"type\":\"error\"}",
                "{\"type\":\"error\"} x"
            })
    void malformed_isRefused(String json) {
        assertThat(read(json)).isEmpty();
    }

    @Test
    void setup_cutOrDamaged_neverFailsOtherwise() {
        byte[] whole = SETUP.getBytes(UTF_8);
        Samples.forAll(
                3_000,
                random -> {
                    byte[] damaged = Arrays.copyOf(whole, random.nextInt(1, whole.length + 1));
                    for (int i = 0; i < 3; i++) {
                        damaged[random.nextInt(damaged.length)] = (byte) random.nextInt(256);
                    }
                    return damaged;
                },
                RelayWire::read);
    }

    @Test
    void whatIsSent_isAsDocumented() {
        assertThat(RelayWire.say(SensitiveText.of("Hello \"you\".")))
                .isEqualTo("{\"type\":\"text\",\"token\":\"Hello \\\"you\\\".\",\"last\":true}");
        assertThat(RelayWire.end("{\"outcome\":\"completed\"}"))
                .isEqualTo("{\"type\":\"end\",\"handoffData\":\"{\\\"outcome\\\":\\\"completed\\\"}\"}");
    }
}
