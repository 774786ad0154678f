package dev.sotto.server.web;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sotto.media.Mulaw;
import dev.sotto.testkit.Samples;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class PeaksTest {
    private static final byte SILENCE = (byte) 0xff;
    private static final byte LOUDEST = (byte) 0x80;

    private static Peaks of(byte[] mulaw, int most, int piece) {
        var peaks = new Peaks(mulaw.length, most);
        for (int at = 0; at < mulaw.length; at += piece) {
            int length = Math.min(piece, mulaw.length - at);
            byte[] chunk = new byte[piece];
            System.arraycopy(mulaw, at, chunk, 0, length);
            peaks.add(chunk, length);
        }
        return peaks;
    }

    private static byte[] frames(int... codes) {
        byte[] bytes = new byte[codes.length];
        for (int i = 0; i < codes.length; i++) {
            bytes[i] = (byte) codes[i];
        }
        return bytes;
    }

    @Test
    void peaks_ofAKnownRecording_areItsLoudestSamplesPerChannel() {
        byte[] mulaw = frames(SILENCE, SILENCE, LOUDEST, SILENCE, SILENCE, SILENCE, SILENCE, LOUDEST);

        assertThat(of(mulaw, 2, 3).caller()).containsExactly(1_000, 0);
        assertThat(of(mulaw, 2, 3).agent()).containsExactly(0, 1_000);
        assertThat(of(mulaw, 4, 8).caller()).containsExactly(0, 1_000, 0, 0);
    }

    @Test
    void peaks_ofShortOrEmptyRecordings_haveNoMoreStretchesThanFrames() {
        assertThat(of(new byte[0], 480, 1).caller()).isEmpty();
        assertThat(of(frames(LOUDEST, SILENCE), 480, 2).caller()).containsExactly(1_000);
    }

    @Test
    void peaks_inAnyPieces_areThoseOfThePlainDefinition() {
        Samples.forAll(
                200,
                random -> {
                    byte[] mulaw = new byte[2 * random.nextInt(1, 3_000)];
                    random.nextBytes(mulaw);
                    return new Recording(mulaw, random.nextInt(1, 500), random.nextInt(1, 700));
                },
                recording -> {
                    Peaks peaks = of(recording.mulaw, recording.most, recording.piece);
                    assertThat(peaks.caller()).isEqualTo(plain(recording, 0));
                    assertThat(peaks.agent()).isEqualTo(plain(recording, 1));
                });
    }

    @SuppressWarnings("ArrayRecordComponent") // read at once, never compared
    private record Recording(byte[] mulaw, int most, int piece) {}

    private static List<Integer> plain(Recording recording, int channel) {
        int frames = recording.mulaw.length / 2;
        int stretches = Math.min(frames, recording.most);
        List<Integer> loudest = new ArrayList<>();
        for (int stretch = 0; stretch < stretches; stretch++) {
            int most = 0;
            for (int frame = 0; frame < frames; frame++) {
                if ((long) frame * stretches / frames == stretch) {
                    int sample = Math.abs(Mulaw.decode(recording.mulaw[2 * frame + channel]));
                    most = Math.max(most, sample * 1_000 / Math.abs(Mulaw.decode(LOUDEST)));
                }
            }
            loudest.add(most);
        }
        return loudest;
    }
}
