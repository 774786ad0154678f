package dev.sotto.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.sotto.core.SottoException;
import java.util.List;
import org.junit.jupiter.api.Test;

class OutboxTest {
    private static AudioChunk frame(int value) {
        return AudioChunk.mulaw(new byte[] {(byte) value});
    }

    @Test
    void frames_leaveTogether_unlessAnEventOrTheTimePresses() throws InterruptedException {
        var outbox = new Outbox();
        outbox.add(frame(1));
        outbox.add(frame(2));
        outbox.add("{}");
        outbox.add(frame(3));

        assertThat(outbox.take(Long.MAX_VALUE)).isEqualTo(new Outbox.Outgoing.Audio(List.of(frame(1), frame(2))));
        assertThat(outbox.take(Long.MAX_VALUE)).isEqualTo(new Outbox.Outgoing.Event("{}"));
        assertThat(outbox.take(1)).isEqualTo(new Outbox.Outgoing.Audio(List.of(frame(3))));
        assertThat(outbox.take(1)).isNull();
        for (int i = 0; i < Outbox.TOGETHER; i++) {
            outbox.add(frame(i));
        }
        assertThat(outbox.take(Long.MAX_VALUE))
                .isEqualTo(new Outbox.Outgoing.Audio(List.of(frame(0), frame(1), frame(2))));
    }

    @Test
    void outbox_whenTheNetworkIsLate_dropsTheOldestFrameAndNoEvent() throws InterruptedException {
        var outbox = new Outbox();
        outbox.add("{}");
        for (int i = 0; i < Outbox.MAX_FRAMES; i++) {
            assertThat(outbox.add(AudioChunk.mulaw(new byte[] {(byte) i}))).isTrue();
        }
        assertThat(outbox.add(AudioChunk.mulaw(new byte[] {-1}))).isFalse();

        assertThat(outbox.take(0)).isEqualTo(new Outbox.Outgoing.Event("{}"));
        assertThat(outbox.take(0)).isEqualTo(new Outbox.Outgoing.Audio(List.of(frame(1), frame(2), frame(3))));
        outbox.clear();
        assertThat(outbox.take(0)).isNull();
        var full = catchThrowableOfType(SottoException.class, () -> {
            for (int i = 0; i <= Outbox.MAX_EVENTS; i++) {
                outbox.add("{}");
            }
        });
        assertThat(full.code()).isEqualTo(ModelError.SESSION_OVERRUN);
    }
}
