package dev.sotto.media;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.sotto.core.RejectedException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class WavFileTest {
    private static final int HEADER = 44;

    private static byte[] wav(int code, int channels, int rate, int bits, byte[] data) {
        int block = channels * bits / 8;
        var out = ByteBuffer.allocate(HEADER + data.length).order(ByteOrder.LITTLE_ENDIAN);
        out.put(ascii("RIFF"))
                .putInt(36 + data.length)
                .put(ascii("WAVE"))
                .put(ascii("fmt "))
                .putInt(16);
        out.putShort((short) code).putShort((short) channels).putInt(rate).putInt(rate * block);
        out.putShort((short) block)
                .putShort((short) bits)
                .put(ascii("data"))
                .putInt(data.length)
                .put(data);
        return out.array();
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    private static byte[] tone(double hertz, int rate, int millis, int channels) {
        int samples = rate * millis / 1_000;
        var out = ByteBuffer.allocate(samples * 2 * channels).order(ByteOrder.LITTLE_ENDIAN);
        for (int i = 0; i < samples; i++) {
            for (int channel = 0; channel < channels; channel++) {
                out.putShort((short) (10_000 * Math.sin(2 * Math.PI * hertz * i / rate)));
            }
        }
        return out.array();
    }

    private static double rms(short[] samples) {
        double sum = 0;
        for (int i = samples.length / 4; i < samples.length * 3 / 4; i++) {
            sum += (double) samples[i] * samples[i];
        }
        return Math.sqrt(sum / (samples.length / 2.0));
    }

    @Test
    void read_ofMulawAt8kHz_isByteForByte(@TempDir Path folder) throws Exception {
        byte[] mulaw = TwilioEdgeCallTest.noise(1_000);
        Path file = Files.write(folder.resolve("a.wav"), wav(7, 1, 8_000, 8, mulaw));

        assertThat(WavFile.read(file)).isEqualTo(AudioClip.of(mulaw));
    }

    @ParameterizedTest
    @ValueSource(ints = {8_000, 16_000, 24_000, 48_000})
    void parse_ofATone_keepsItsLengthAndLoudness(int rate) {
        for (int channels = 1; channels <= 2; channels++) {
            var clip = WavFile.parse(wav(1, channels, rate, 16, tone(1_000, rate, 500, channels)));
            assertThat(clip.duration()).isEqualTo(Duration.ofMillis(500));
            assertThat(rms(Mulaw.decode(clip.toByteArray()))).isBetween(7_071 * 0.98, 7_071 * 1.02);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {2, 3, 6})
    void decimate_passesSpeechAndShutsOutWhatWouldFold(int factor) {
        int rate = 8_000 * factor;
        for (double hertz : new double[] {300, 1_000, 2_500, 3_400}) {
            assertThat(rms(decimated(hertz, rate, factor))).as("%f Hz", hertz).isBetween(7_071 * 0.97, 7_071 * 1.03);
        }
        for (double hertz = 4_000; hertz < rate / 2.0; hertz += 333) {
            assertThat(rms(decimated(hertz, rate, factor))).as("%f Hz", hertz).isLessThan(7_071 * 0.002); // -54 dB
        }
    }

    private static short[] decimated(double hertz, int rate, int factor) {
        byte[] tone = tone(hertz, rate, 200, 1);
        var samples = new short[tone.length / 2];
        ByteBuffer.wrap(tone).order(ByteOrder.LITTLE_ENDIAN).asShortBuffer().get(samples);
        return new Decimator(factor).decimate(samples);
    }

    @Test
    void decimate_movesNothingInTime() {
        var impulse = new short[960];
        impulse[480] = 30_000;
        short[] out = new Decimator(6).decimate(impulse);
        int peak = 0;
        for (int i = 0; i < out.length; i++) {
            peak = out[i] > out[peak] ? i : peak;
        }
        assertThat(peak).isEqualTo(80);
    }

    @Test
    void parse_withOtherChunks_skipsThem() {
        byte[] plain = wav(7, 1, 8_000, 8, new byte[] {1, 2, 3, 4});
        var out = ByteBuffer.allocate(plain.length + 8 + 6).order(ByteOrder.LITTLE_ENDIAN);
        out.put(plain, 0, 12).put(ascii("LIST")).putInt(5).put(new byte[6]).put(plain, 12, plain.length - 12);

        assertThat(WavFile.parse(out.array())).isEqualTo(AudioClip.of(new byte[] {1, 2, 3, 4}));
    }

    @Test
    void parse_againstARule_namesFieldAndRule() {
        refused("wav header must be RIFF and WAVE", file -> file.put(0, (byte) 'X'));
        refused("wav format (0x0003) must be pcm (0x0001) or mu-law (0x0007)", file -> file.putShort(20, (short) 3));
        refused("wav channels (3) must be 1 or 2", file -> file.putShort(22, (short) 3));
        refused(
                "wav sample rate (44100 Hz) must be one of [8000, 16000, 24000, 48000]",
                file -> file.putInt(24, 44_100));
        refused("wav bits per sample (24) must be 16", file -> file.putShort(34, (short) 24));
        refused("wav block align (4) must be 2", file -> file.putShort(32, (short) 4));
        refused("wav fmt chunk (9 bytes) must have at least 16", file -> file.putInt(16, 9));
        refused("wav data chunk (9 bytes) must be a multiple of 2", file -> file.putInt(40, 9));
        refused(
                "wav chunk length (11 bytes) must be at most what the file still holds (10)",
                file -> file.putInt(40, 11));
        refused(
                "wav chunk length (4294967295 bytes) must be at most what the file still holds (10)",
                file -> file.putInt(40, -1));
        refused("wav fmt chunk must come before the data chunk", file -> file.put(12, ascii("junk")));
        refused("wav data chunk must be there", file -> file.put(36, ascii("junk")));
    }

    private static void refused(String message, Consumer<ByteBuffer> damage) {
        byte[] file = wav(1, 1, 8_000, 16, new byte[10]);
        damage.accept(ByteBuffer.wrap(file).order(ByteOrder.LITTLE_ENDIAN));
        assertThatExceptionOfType(RejectedException.class)
                .isThrownBy(() -> WavFile.parse(file))
                .withMessage(message)
                .extracting(RejectedException::code)
                .isEqualTo(MediaError.MALFORMED_WAV);
    }

    @Test
    void parse_cutAnywhere_isRefused() {
        byte[] file = wav(1, 1, 8_000, 16, new byte[10]);
        for (int length = 0; length < file.length; length++) {
            byte[] cut = java.util.Arrays.copyOf(file, length);
            assertThatExceptionOfType(RejectedException.class).isThrownBy(() -> WavFile.parse(cut));
        }
    }

    @Test
    void parse_overTenMinutes_isTooLarge() {
        byte[] file = wav(7, 1, 8_000, 8, new byte[8_000 * 600 + 1]);
        assertThatExceptionOfType(RejectedException.class)
                .isThrownBy(() -> WavFile.parse(file))
                .extracting(RejectedException::code)
                .isEqualTo(MediaError.WAV_TOO_LARGE);
    }
}
