package dev.sotto.simulator;

import java.util.Arrays;
import java.util.SplittableRandom;

/// Sound for tests, 8 kHz mu-law.
final class Sounds {
    private Sounds() {}

    static byte[] silence(int milliseconds) {
        byte[] sound = new byte[milliseconds * 8];
        Arrays.fill(sound, Mulaw.SILENCE);
        return sound;
    }

    /// Noise at -20 dBFS.
    static byte[] speech(int milliseconds) {
        return noise(milliseconds, 3_277);
    }

    static byte[] noise(int milliseconds, int amplitude) {
        var random = new SplittableRandom(7);
        byte[] sound = new byte[milliseconds * 8];
        for (int i = 0; i < sound.length; i++) {
            sound[i] = Mulaw.encode((int) (random.nextGaussian() * amplitude));
        }
        return sound;
    }
}
