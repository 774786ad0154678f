package dev.sotto.model;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.junit.jupiter.api.Test;

class ServerEventTypeTest {
    @Test
    void betaNames_areReadAsThoseThatFollowed() {
        Map.of(
                        "response.audio.delta", ServerEventType.AUDIO,
                        "response.audio.done", ServerEventType.AUDIO_DONE,
                        "response.audio_transcript.delta", ServerEventType.WORDS,
                        "response.audio_transcript.done", ServerEventType.WORDS_DONE,
                        "response.text.delta", ServerEventType.TEXT,
                        "response.text.done", ServerEventType.TEXT_DONE,
                        "conversation.item.created", ServerEventType.ITEM_ADDED,
                        " input_audio_buffer.dtmf_event_received", ServerEventType.KEY)
                .forEach((name, type) -> assertThat(ServerEventType.named(name)).isEqualTo(type));
    }
}
