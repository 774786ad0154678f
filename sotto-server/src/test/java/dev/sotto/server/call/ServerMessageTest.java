package dev.sotto.server.call;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.sotto.core.RejectedException;
import dev.sotto.media.AudioClip;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class ServerMessageTest {
    @Test
    void read_eachMessageOfTheProtocol() {
        assertThat(ServerMessage.read("{\"event\":\"media\",\"streamSid\":\"MZ1\",\"media\":{\"payload\":\"AQID\"}}"))
                .isEqualTo(new ServerMessage.Media(AudioClip.of(new byte[] {1, 2, 3})));
        assertThat(ServerMessage.read("{\"mark\":{\"x\":[{}],\"name\":\"my label\"},\"event\":\"mark\"}"))
                .isEqualTo(new ServerMessage.Mark("my label"));
        assertThat(ServerMessage.read("{\"event\":\"clear\",\"streamSid\":\"MZ1\"}"))
                .isEqualTo(new ServerMessage.Clear());
        assertThat(ServerMessage.read("{\"event\":\"news\",\"media\":7}")).isEqualTo(new ServerMessage.Other());
        assertThat(ServerMessage.read("{\"event\":\"mark\"}")).isEqualTo(new ServerMessage.Other());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "[]",
                "{\"event\":7}",
                "{}",
                "{\"event\":\"media\",\"media\":{\"payload\":\"*\"}}",
                "{\"event\":\"media\",\"media\":{\"payload\":1}}",
                "{\"event\":\"media\"",
                "{\"a\":[[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]],\"event\":\"clear\"}"
            })
    void read_malformed_isRefused(String text) {
        assertThatExceptionOfType(RejectedException.class)
                .isThrownBy(() -> ServerMessage.read(text))
                .withMessageStartingWith("a stream message");
    }
}
