package dev.sotto.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.sotto.core.BugException;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class VoiceTest {
    private static final Voice VOICE = Voice.shipped();

    @Test
    void everyClip_isAsItsIndexSays() {
        for (var name : VOICE.names()) {
            var clip = VOICE.clip(name); // checks length and hash
            assertThat(clip.duration())
                    .as(name)
                    .isBetween(VOICE.duration(name), VOICE.duration(name).plusMillis(1));
            assertThat(clip.duration()).as(name).isLessThan(Duration.ofSeconds(20));
        }
    }

    @Test
    void phrase_isItsClipsInOrder() {
        var phrase = VOICE.clip(Phrase.of("offer.press", "number.1"));

        assertThat(phrase.sizeBytes())
                .isEqualTo(VOICE.clip("offer.press").sizeBytes()
                        + VOICE.clip("number.1").sizeBytes());
    }

    @Test
    void clip_thatIsNotShipped_isABug() {
        assertThatExceptionOfType(BugException.class).isThrownBy(() -> VOICE.clip("number.60"));
    }
}
