package dev.sotto.server.web;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sotto.media.AudioClip;
import dev.sotto.media.Mulaw;
import dev.sotto.testkit.Samples;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.Arrays;
import java.util.random.RandomGenerator;
import javax.sound.sampled.AudioFormat;
import javax.sound.sampled.AudioSystem;
import javax.sound.sampled.UnsupportedAudioFileException;
import org.junit.jupiter.api.Test;

class WavViewTest {
    private record Asked(AudioClip audio, int from, int length, int chunk) {}

    @Test
    void read_anyRangeInAnyChunks_equalsThatSliceOfTheWhole() {
        Samples.forAll(300, WavViewTest::sample, asked -> {
            byte[] mulaw = asked.audio().toByteArray();
            var view = new WavView(mulaw.length);
            byte[] whole = read(view, mulaw, 0, (int) view.sizeBytes(), Integer.MAX_VALUE);

            byte[] part = read(view, mulaw, asked.from(), asked.length(), asked.chunk());

            assertThat(part).isEqualTo(Arrays.copyOfRange(whole, asked.from(), asked.from() + asked.length()));
        });
    }

    private static Asked sample(RandomGenerator random) {
        byte[] mulaw = new byte[random.nextInt(2_000) * 2];
        random.nextBytes(mulaw);
        int size = WavView.HEADER_BYTES + mulaw.length * 2;
        int from = random.nextInt(size);
        return new Asked(AudioClip.of(mulaw), from, random.nextInt(size - from) + 1, random.nextInt(1, 700));
    }

    private static byte[] read(WavView view, byte[] mulaw, int from, int length, int chunk) {
        byte[] out = new byte[length];
        for (int done = 0; done < length; ) {
            byte[] piece = new byte[Math.min(chunk, length - done)];
            int count = view.read(
                    from + done,
                    piece,
                    piece.length,
                    (position, wanted) -> Arrays.copyOfRange(mulaw, (int) position, (int) position + wanted));
            assertThat(count).isPositive();
            System.arraycopy(piece, 0, out, done, count);
            done += count;
        }
        return out;
    }

    @Test
    void whole_isAWavFileThatTheJdkReads() throws IOException, UnsupportedAudioFileException {
        byte[] mulaw = new byte[16_000];
        for (int i = 0; i < mulaw.length; i++) {
            mulaw[i] = (byte) i;
        }
        var view = new WavView(mulaw.length);
        byte[] file = read(view, mulaw, 0, (int) view.sizeBytes(), 4_096);

        try (var audio = AudioSystem.getAudioInputStream(new ByteArrayInputStream(file))) {
            assertThat(audio.getFormat().matches(new AudioFormat(8_000, 16, 2, true, false)))
                    .isTrue();
            assertThat(audio.getFrameLength()).isEqualTo(8_000);
            byte[] frame = audio.readNBytes(4);
            assertThat((short) ((frame[0] & 0xff) | (frame[1] << 8))).isEqualTo(Mulaw.decode(mulaw[0]));
            assertThat((short) ((frame[2] & 0xff) | (frame[3] << 8))).isEqualTo(Mulaw.decode(mulaw[1]));
        }
    }

    @Test
    void read_pastTheEnd_isEmpty() {
        var view = new WavView(2);

        assertThat(view.read(view.sizeBytes(), new byte[8], 8, (_, length) -> new byte[length]))
                .isZero();
    }
}
