package dev.sotto.model;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sotto.testkit.Samples;
import java.io.ByteArrayOutputStream;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class FirResamplerTest {
    private static final double AMPLITUDE = 16_000;

    private static short[] sine(double hertz, int rate, int samples) {
        var sine = new short[samples];
        for (int i = 0; i < samples; i++) {
            sine[i] = (short) Math.round(AMPLITUDE * Math.sin(2 * Math.PI * hertz * i / rate));
        }
        return sine;
    }

    private static short[] all(FirResampler resampler, short[] samples) {
        short[] first = resampler.feed(samples);
        short[] rest = resampler.finish();
        short[] all = Arrays.copyOf(first, first.length + rest.length);
        System.arraycopy(rest, 0, all, first.length, rest.length);
        return all;
    }

    /// The level against the sine that went in, in decibels, away from the ends.
    private static double decibels(short[] samples) {
        double sum = 0;
        int from = samples.length / 4;
        int to = samples.length * 3 / 4;
        for (int i = from; i < to; i++) {
            sum += (double) samples[i] * samples[i];
        }
        return 10 * Math.log10(Math.max(sum / (to - from), 1e-9) / (AMPLITUDE * AMPLITUDE / 2));
    }

    @ParameterizedTest
    @ValueSource(ints = {2, 3, 6})
    void down_sweptThroughTheTelephoneBand_isFlatThereAndShutAboveIt(int factor) {
        int rate = 8_000 * factor;
        for (double hertz = 100; hertz <= 3_400; hertz += 150) {
            assertThat(decibels(all(FirResampler.down(factor), sine(hertz, rate, rate / 4))))
                    .as("%s Hz", hertz)
                    .isBetween(-0.1, 0.1);
        }
        for (double hertz = 4_000; hertz < rate / 2.0; hertz += 170) {
            assertThat(decibels(all(FirResampler.down(factor), sine(hertz, rate, rate / 4))))
                    .as("alias of %s Hz", hertz)
                    .isLessThan(-65);
        }
    }

    @ParameterizedTest
    @ValueSource(doubles = {300, 1_000, 2_500, 3_400})
    void up_ofASine_isThatSineWithoutItsImages(double hertz) {
        short[] wide = all(FirResampler.up(3), sine(hertz, 8_000, 4_000));
        short[] wanted = sine(hertz, 24_000, 12_000);

        double error = 0;
        for (int i = 3_000; i < 9_000; i++) {
            error += Math.pow(wide[i] - wanted[i], 2);
        }
        double decibels = 10 * Math.log10(error / 6_000 / (AMPLITUDE * AMPLITUDE / 2));
        assertThat(decibels).isLessThan(-40); // what is left is ripple and rounding: below that an image would show
    }

    @Test
    void down_movesNothingInTime() {
        short[] narrow = all(FirResampler.down(3), sine(500, 24_000, 12_000));
        short[] wanted = sine(500, 8_000, 4_000);
        for (int i = 1_000; i < 3_000; i++) {
            assertThat(Math.abs(narrow[i] - wanted[i])).isLessThan(160);
        }
    }

    @Test
    void feed_ofAnyPieces_givesTheSameAndAsManyAsItShould() {
        Samples.forAll(100, random -> random, random -> {
            int factor = 1 + random.nextInt(6);
            boolean up = random.nextBoolean();
            short[] samples = new short[random.nextInt(3_000)];
            for (int i = 0; i < samples.length; i++) {
                samples[i] = (short) random.nextInt();
            }
            short[] whole = all(up ? FirResampler.up(factor) : FirResampler.down(factor), samples);
            var pieces = new ByteArrayOutputStream();
            var resampler = up ? FirResampler.up(factor) : FirResampler.down(factor);
            for (int at = 0; at < samples.length; ) {
                int size = Math.min(samples.length - at, 1 + random.nextInt(400));
                write(pieces, resampler.feed(Arrays.copyOfRange(samples, at, at + size)));
                at += size;
            }
            write(pieces, resampler.finish());

            byte[] bytes = pieces.toByteArray();
            assertThat(AudioChunk.samples(bytes, 0, bytes.length)).isEqualTo(whole);
            assertThat(whole).hasSize(up ? samples.length * factor : (samples.length + factor - 1) / factor);
        });
    }

    private static void write(ByteArrayOutputStream into, short[] samples) {
        into.writeBytes(AudioChunk.pcm16(samples, 8_000).bytes());
    }

    @Test
    void down_ofTheLoudestSquareWave_clipsAndDoesNotWrap() {
        var square = new short[24_000];
        for (int i = 0; i < square.length; i++) {
            square[i] = i / 60 % 2 == 0 ? Short.MAX_VALUE : Short.MIN_VALUE;
        }
        short[] narrow = all(FirResampler.down(3), square);
        for (int i = 105; i < narrow.length - 105; i++) {
            int phase = i % 20;
            if (phase > 4 && phase < 16) { // away from the edges, where it rings
                assertThat(Math.abs(narrow[i])).isGreaterThan(25_000);
                assertThat(narrow[i] > 0).isEqualTo(i / 20 % 2 == 0);
            }
        }
    }
}
