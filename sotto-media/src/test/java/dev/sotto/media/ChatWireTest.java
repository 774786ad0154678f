package dev.sotto.media;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sotto.core.SensitiveText;
import dev.sotto.testkit.Samples;
import io.netty.handler.codec.http.DefaultHttpHeaders;
import io.netty.handler.codec.http.HttpHeaders;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ChatWireTest {
    private static final String MESSAGE = "{\"type\":\"message\",\"id\":\"a-1\",\"text\":\"Hello \\\"you\\\"\\n\"}";
    private static final String TOKEN = "A".repeat(43);

    private static Optional<ChatWire.Message> read(String json) {
        byte[] bytes = json.getBytes(UTF_8);
        return ChatWire.read(bytes, bytes.length);
    }

    private static String message(String text) {
        return "{\"type\":\"message\",\"id\":\"a\",\"text\":\"%s\"}".formatted(text);
    }

    @Test
    void message_andEnd_areRead() {
        assertThat(read(MESSAGE)).contains(new ChatWire.Message.Text("a-1", SensitiveText.of("Hello \"you\"\n")));
        assertThat(read("{\"type\":\"end\"}")).contains(new ChatWire.Message.End());
    }

    @Test
    void text_atTheLimit_isTaken_andOneMoreIsTooLong() {
        assertThat(read(message("x".repeat(2_000)))).containsInstanceOf(ChatWire.Message.Text.class);
        assertThat(read(message("x".repeat(2_001)))).contains(new ChatWire.Message.TooLong("a"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "{}",
                "[]",
                "null",
                "{\"type\":\"message\"}",
                "{\"type\":\"message\",\"id\":\"a\"}",
                "{\"type\":\"message\",\"id\":\"\",\"text\":\"x\"}",
                "{\"type\":\"message\",\"id\":\"a b\",\"text\":\"x\"}",
                "{\"type\":\"message\",\"id\":1,\"text\":\"x\"}",
                "{\"type\":\"message\",\"id\":\"a\",\"text\":\" \"}",
                "{\"type\":\"message\",\"id\":\"a\",\"text\":\"\\u0000\"}",
                "{\"type\":\"message\",\"id\":\"a\",\"text\":\"x\",\"more\":\"y\"}",
                "{\"type\":\"message\",\"id\":\"a\",\"id\":\"b\",\"text\":\"x\"}",
                "{\"type\":\"message\",\"id\":\"a\",\"text\":{\"x\":\"y\"}}",
                "{\"type\":\"end\",\"id\":\"a\"}",
                "{\"type\":\"hello\"}",
                "{\"type\":\"end\"} {}"
            })
    void anythingElse_isAgainstTheProtocol(String json) {
        assertThat(read(json)).isEmpty();
    }

    @Test
    void message_cutOrDamaged_neverFailsOtherwise() {
        byte[] whole = MESSAGE.getBytes(UTF_8);
        for (int length = 0; length < whole.length; length++) {
            assertThat(ChatWire.read(whole, length)).as("%d bytes", length).isEmpty();
        }
        Samples.forAll(
                5_000,
                random -> {
                    byte[] damaged = whole.clone();
                    for (int i = 0; i < 3; i++) {
                        damaged[random.nextInt(damaged.length)] = (byte) random.nextInt(256);
                    }
                    return damaged;
                },
                damaged -> ChatWire.read(damaged, damaged.length));
    }

    @Test
    void frames_areWrittenAsDocumented() {
        assertThat(ChatWire.write(
                        new ChatFrame.Hello(SensitiveText.of("r"), Duration.ofSeconds(60), "A \"clinic\"", true)))
                .isEqualTo("{\"type\":\"hello\",\"protocol\":1,\"business\":\"A \\\"clinic\\\"\",\"scripted\":true,"
                        + "\"resume\":\"r\",\"resumeSeconds\":60,\"maxText\":2000}");
        assertThat(ChatWire.write(new ChatFrame.Ack("a"))).isEqualTo("{\"type\":\"ack\",\"id\":\"a\"}");
        assertThat(ChatWire.write(new ChatFrame.Said(7, SensitiveText.of("Hi."))))
                .isEqualTo("{\"type\":\"said\",\"number\":7,\"text\":\"Hi.\"}");
        assertThat(ChatWire.write(new ChatFrame.Tool(8, "book")))
                .isEqualTo("{\"type\":\"tool\",\"number\":8,\"name\":\"book\"}");
        assertThat(ChatWire.write(new ChatFrame.Working(true))).isEqualTo("{\"type\":\"working\",\"now\":true}");
        assertThat(ChatWire.write(new ChatFrame.Ended(9, ChatFrame.Reason.TRANSFERRED, Optional.of("+1555"))))
                .isEqualTo("{\"type\":\"ended\",\"number\":9,\"reason\":\"transferred\",\"phone\":\"+1555\"}");
        assertThat(ChatWire.write(new ChatFrame.NotTaken(ChatFrame.Fault.TOO_FAST, "a")))
                .isEqualTo("{\"type\":\"error\",\"code\":\"too_fast\",\"id\":\"a\"}");
    }

    private static Optional<ChatUpgrade> upgrade(String protocols) {
        HttpHeaders headers = new DefaultHttpHeaders().add("Sec-WebSocket-Protocol", protocols);
        return ChatUpgrade.read(headers);
    }

    @Test
    void upgrade_bringsAToken_orGoesOn() {
        assertThat(upgrade("sotto.chat.v1, token." + TOKEN))
                .contains(new ChatUpgrade(SensitiveText.of(TOKEN), false, 0));
        assertThat(upgrade("sotto.chat.v1,resume." + TOKEN + ".17"))
                .contains(new ChatUpgrade(SensitiveText.of(TOKEN), true, 17));
        assertThat(upgrade("sotto.chat.v1")).isEmpty();
        assertThat(upgrade("sotto.chat.v2, token." + TOKEN)).isEmpty();
        assertThat(upgrade("sotto.chat.v1, token." + TOKEN + "A")).isEmpty();
        assertThat(upgrade("sotto.chat.v1, resume." + TOKEN)).isEmpty();
        assertThat(upgrade("sotto.chat.v1, token." + TOKEN + ", x")).isEmpty();
    }
}
