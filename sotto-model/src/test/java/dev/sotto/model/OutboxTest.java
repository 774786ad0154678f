package dev.sotto.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.sotto.core.SottoException;
import org.junit.jupiter.api.Test;

class OutboxTest {
    @Test
    void outbox_whenTheNetworkIsLate_dropsTheOldestFrameAndNoEvent() throws InterruptedException {
        var outbox = new Outbox();
        outbox.add("{}");
        for (int i = 0; i < Outbox.MAX_FRAMES; i++) {
            assertThat(outbox.add(AudioChunk.mulaw(new byte[] {(byte) i}))).isTrue();
        }
        assertThat(outbox.add(AudioChunk.mulaw(new byte[] {-1}))).isFalse();

        assertThat(outbox.take(0)).isEqualTo(new Outbox.Outgoing.Event("{}"));
        assertThat(outbox.take(0)).isEqualTo(new Outbox.Outgoing.Audio(AudioChunk.mulaw(new byte[] {1})));
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
