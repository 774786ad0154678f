package dev.sotto.media;

/// Tells speech from background by its energy. Keeps a noise floor that follows the line, asks for some loud
/// blocks in a row before speech has started and for a long enough quiet before it has stopped. Allocates
/// nothing. Not thread-safe.
///
/// It hears loudness, not words: music or a slammed door may pass for speech.
public final class SpeechDetector {
    /// What a frame changed.
    public enum Change {
        NONE,
        /// Speech has started, about 60 ms ago.
        STARTED,
        /// Speech has stopped, about 500 ms ago.
        STOPPED
    }

    /// 20 ms: the block over which energy is measured.
    private static final int BLOCK_SAMPLES = 160;
    /// 60 ms of loudness in a row start speech.
    private static final int ONSET_SAMPLES = 480;
    /// 500 ms of quiet end it.
    private static final int HANGOVER_SAMPLES = 4_000;

    /// Mean squares of 16-bit samples. Speech on a line is above -45 dBFS, and 10 dB above the line's noise.
    private static final double QUIETEST_SPEECH = square(180);

    private static final double LOWEST_FLOOR = square(10);
    private static final double FIRST_FLOOR = square(50);
    private static final double HIGHEST_FLOOR = square(1_500);
    private static final double OVER_FLOOR = 10;

    /// How fast the floor follows, a block: down at once, up within a second or two, and slowly during speech.
    private static final double FALL = 0.25;

    private static final double RISE = 1.0 / 64;
    private static final double RISE_IN_SPEECH = 1.0 / 1_024;

    private double floor = FIRST_FLOOR;
    private boolean speaking;
    private int loudSamples;
    private int quietSamples;

    /// Takes the next frame, of any size; 20 ms is usual. If speech both starts and stops within one frame, the
    /// later change is returned.
    public Change accept(byte[] mulaw) {
        return accept(mulaw, 0, mulaw.length);
    }

    /// Takes `length` samples from `offset`.
    public Change accept(byte[] mulaw, int offset, int length) {
        var change = Change.NONE;
        for (int at = 0; at < length; at += BLOCK_SAMPLES) {
            var step = block(mulaw, offset + at, Math.min(BLOCK_SAMPLES, length - at));
            change = step == Change.NONE ? change : step;
        }
        return change;
    }

    public boolean speaking() {
        return speaking;
    }

    private Change block(byte[] mulaw, int offset, int length) {
        double energy = energy(mulaw, offset, length);
        boolean loud = energy > QUIETEST_SPEECH && energy > floor * OVER_FLOOR;
        follow(energy, (double) length / BLOCK_SAMPLES);
        loudSamples = loud ? loudSamples + length : 0;
        quietSamples = loud ? 0 : Math.min(HANGOVER_SAMPLES, quietSamples + length);
        if (!speaking && loudSamples >= ONSET_SAMPLES) {
            speaking = true;
            return Change.STARTED;
        }
        if (speaking && quietSamples >= HANGOVER_SAMPLES) {
            speaking = false;
            return Change.STOPPED;
        }
        return Change.NONE;
    }

    private void follow(double energy, double blocks) {
        double speed = energy < floor ? FALL : speaking || loudSamples > 0 ? RISE_IN_SPEECH : RISE;
        double next = floor + (energy - floor) * speed * blocks;
        floor = Math.clamp(next, LOWEST_FLOOR, HIGHEST_FLOOR);
    }

    private static double energy(byte[] mulaw, int offset, int length) {
        long sum = 0;
        for (int i = offset; i < offset + length; i++) {
            int sample = Mulaw.decode(mulaw[i]);
            sum += (long) sample * sample;
        }
        return (double) sum / length;
    }

    private static double square(double rms) {
        return rms * rms;
    }
}
