package dev.sotto.server.faults;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.sotto.media.AudioClip;
import dev.sotto.media.Mulaw;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.stream.IntStream;

/// Audio that a test can tell from all other audio.
final class Sound {
    private static final int RATE = AudioClip.SAMPLE_RATE_HERTZ;
    private static final int SEGMENT = RATE / 25;
    private static final int FRAME = RATE / 50;
    private static final int WAV_HEADER = 44;
    private static final int CHANNELS = 2;
    private static final int LOWEST_HERTZ = 100;
    private static final int HIGHEST_HERTZ = 1_000;
    private static final Set<String> PARTS = Set.of("name", "month", "number", "ordinal", "weekday", "word");

    private Sound() {}

    /// As loud and lively as speech, and never the same twice: tones that change every 40 ms, and breath.
    static AudioClip speech(long seed, Duration length) {
        var random = new SplittableRandom(seed);
        int samples = Math.toIntExact(length.toMillis() * RATE / 1_000);
        var pcm = new short[samples];
        double low = 0;
        double high = 0;
        for (int i = 0; i < samples; i++) {
            if (i % SEGMENT == 0) {
                low = 2 * Math.PI * random.nextInt(110, 320) / RATE;
                high = 2 * Math.PI * random.nextInt(500, 2_600) / RATE;
            }
            pcm[i] = (short) (6_000 * Math.sin(low * i) + 3_000 * Math.sin(high * i) + random.nextInt(-900, 900));
        }
        return AudioClip.of(Mulaw.encode(pcm));
    }

    /// One tone.
    static AudioClip tone(int hertz, Duration length) {
        var pcm = new short[Math.toIntExact(length.toMillis() * RATE / 1_000)];
        for (int i = 0; i < pcm.length; i++) {
            pcm[i] = (short) (8_000 * Math.sin(2 * Math.PI * hertz * i / RATE));
        }
        return AudioClip.of(Mulaw.encode(pcm));
    }

    /// Linear samples of `mulaw`.
    static short[] samples(byte[] mulaw) {
        return Mulaw.decode(mulaw);
    }

    /// From the first sample that is louder than `quiet` to the last.
    static short[] withoutEdges(short[] samples, int quiet) {
        int from = 0;
        int to = samples.length;
        while (from < to && Math.abs(samples[from]) <= quiet) {
            from++;
        }
        while (to > from && Math.abs(samples[to - 1]) <= quiet) {
            to--;
        }
        return Arrays.copyOfRange(samples, from, to);
    }

    /// Which frequency has the most energy, of 100 to 1,000 Hz, in windows of 100 ms.
    static int loudestHertz(short[] samples, int rate) {
        int window = rate / 10;
        int loudest = 0;
        double most = 0;
        for (int hertz = LOWEST_HERTZ; hertz <= HIGHEST_HERTZ; hertz += 2) {
            double energy = 0;
            for (int from = 0; from + window <= samples.length; from += window) {
                energy += energy(samples, from, window, 2 * Math.PI * hertz / rate);
            }
            if (energy > most) {
                most = energy;
                loudest = hertz;
            }
        }
        return loudest;
    }

    /// Goertzel's algorithm.
    private static double energy(short[] samples, int from, int length, double angle) {
        double factor = 2 * Math.cos(angle);
        double last = 0;
        double before = 0;
        for (int i = from; i < from + length; i++) {
            double now = samples[i] + factor * last - before;
            before = last;
            last = now;
        }
        return last * last + before * before - factor * last * before;
    }

    /// The prompts of the shipped voice, without the parts of dates and times.
    static List<String> prompts() throws IOException {
        return new String(resource("index.tsv"), UTF_8)
                .lines()
                .map(line -> line.split("\t", 2)[0])
                .filter(name -> !PARTS.contains(name.split("\\.", 2)[0]))
                .toList();
    }

    /// A clip the receptionist's voice is shipped with.
    static byte[] shipped(String name) throws IOException {
        return resource(name + ".ulaw");
    }

    private static byte[] resource(String name) throws IOException {
        String resource = "dev/sotto/agent/voice/" + name;
        try (InputStream in = Sound.class.getClassLoader().getResourceAsStream(resource)) {
            if (in == null) {
                throw new AssertionError("the voice has no such file: " + name);
            }
            return in.readAllBytes();
        }
    }

    /// Linear 16-bit samples of `mulaw`.
    static byte[] pcm(byte[] mulaw, ByteOrder order) {
        var pcm = ByteBuffer.allocate(mulaw.length * Short.BYTES).order(order);
        for (byte code : mulaw) {
            pcm.putShort(Mulaw.decode(code));
        }
        return pcm.array();
    }

    /// One channel of a stereo recording as the API serves it, back in mu-law.
    static byte[] channel(byte[] wav, int channel) {
        var pcm = ByteBuffer.wrap(wav).order(ByteOrder.LITTLE_ENDIAN);
        var mulaw = new ByteArrayOutputStream();
        int frame = CHANNELS * Short.BYTES;
        for (int at = WAV_HEADER + channel * Short.BYTES; at + Short.BYTES <= wav.length; at += frame) {
            mulaw.write(Mulaw.encode(pcm.getShort(at)));
        }
        return mulaw.toByteArray();
    }

    /// How much longer `part` is in `whole` than by itself, for silent frames that came between.
    ///
    /// @return empty if `part` is not there, frame by frame, with nothing but silence between
    static Optional<Duration> pausesIn(byte[] whole, byte[] part) {
        int[] there = loud(whole);
        int[] wanted = loud(part);
        int at = find(frames(whole, there), frames(part, wanted));
        if (at < 0) {
            return Optional.empty();
        }
        int first = at / FRAME;
        int stretch = there[first + wanted.length - 1] - there[first];
        int itself = wanted[wanted.length - 1] - wanted[0];
        return Optional.of(Duration.ofMillis((stretch - itself) * 20L));
    }

    /// Which frames of 20 ms are not silent throughout.
    private static int[] loud(byte[] mulaw) {
        return IntStream.range(0, mulaw.length / FRAME)
                .filter(frame ->
                        IntStream.range(frame * FRAME, (frame + 1) * FRAME).anyMatch(at -> mulaw[at] != Mulaw.SILENCE))
                .toArray();
    }

    private static byte[] frames(byte[] mulaw, int[] which) {
        var some = new ByteArrayOutputStream();
        for (int frame : which) {
            some.write(mulaw, frame * FRAME, FRAME);
        }
        return some.toByteArray();
    }

    /// Whether `part` stands somewhere in `whole`.
    static boolean contains(byte[] whole, byte[] part) {
        return find(whole, part) >= 0;
    }

    static int find(byte[] whole, byte[] part) {
        for (int at = 0; at + part.length <= whole.length; at++) {
            if (Arrays.equals(whole, at, at + part.length, part, 0, part.length)) {
                return at;
            }
        }
        return -1;
    }
}
